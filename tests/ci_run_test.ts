/** What .ci/run makes of the steps that it runs, with a stand-in for npx. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../.ci/run", import.meta.url));

/** Runs the script where `deno task <name>` does what the shell code for that name says. */
async function runWith(
  tasks: Readonly<Record<string, string>>,
): Promise<{ code: number; lastLine: string }> {
  const bin = await Deno.makeTempDir({ prefix: "cis-ci-" });
  try {
    const cases = Object.entries(tasks).map(([name, code]) => `"-y deno task ${name}") ${code} ;;`);
    const programs = {
      npx: `case "$*" in\n${cases.join("\n")}\nesac`,
      chromium: "exit 0",
      bwrap: "exit 0",
      python3: "exit 0",
    };
    for (const [name, text] of Object.entries(programs)) {
      await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const { code, stdout } = await new Deno.Command("bash", {
      args: [SCRIPT],
      env: { PATH: `${bin}:/usr/bin:/bin` },
      clearEnv: true,
      stderr: "null",
    }).output();
    const lastLine = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1) ?? "";
    return { code, lastLine };
  } finally {
    await Deno.remove(bin, { recursive: true });
  }
}

Deno.test(".ci/run closes with the numbers of the test runner", async () => {
  assert.deepEqual(await runWith({ test: "echo 'ok | 12 passed (3 steps) | 0 failed (2s)'" }), {
    code: 0,
    lastLine: "12 passed, 0 failed",
  });
  const withSkipped = "printf '\\033[32mok\\033[0m | 7 passed | 0 failed | 2 ignored (1m2s)\\n'";
  assert.deepEqual(await runWith({ test: withSkipped }), {
    code: 0,
    lastLine: "7 passed, 0 failed, 2 skipped",
  });
});

Deno.test(".ci/run keeps the exit code of the first step that fails, and still tests", async () => {
  const test = "echo 'FAILED | 3 passed | 1 failed (2 steps) (2s)'; exit 9";
  assert.deepEqual(await runWith({ test }), { code: 9, lastLine: "3 passed, 1 failed" });
  assert.deepEqual(await runWith({ "fmt:check": "exit 5", check: "exit 6", test }), {
    code: 5,
    lastLine: "3 passed, 1 failed",
  });
  const passing = "echo 'ok | 3 passed | 0 failed (1s)'";
  assert.deepEqual(await runWith({ lint: "exit 4", test: passing }), {
    code: 4,
    lastLine: "3 passed, 0 failed",
  });
});

Deno.test(".ci/run fails when the test runner says nothing, or tested nothing", async () => {
  assert.deepEqual(await runWith({ test: "exit 0" }), { code: 1, lastLine: "0 passed, 1 failed" });
  assert.deepEqual(await runWith({ test: "exit 3" }), { code: 3, lastLine: "0 passed, 1 failed" });
  assert.deepEqual(await runWith({ test: "echo 'ok | 0 passed | 0 failed (0ms)'" }), {
    code: 1,
    lastLine: "0 passed, 0 failed",
  });
});
