/** What the tests say on a machine where no homeserver can be installed. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withTempDir } from "./helpers/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const NEEDS_HOMESERVER = "tests/matrix/conformance_homeserver_test.ts";
const TOLD =
  "not run, as there is no homeserver to test with: install Python 3.10 or newer with venv " +
  "(Debian: python3-venv)";

/** Runs a test that needs a homeserver where neither Python is nor what it installed earlier. */
async function runWithoutPython(
  env: Readonly<Record<string, string>>,
): Promise<{ success: boolean; lines: string[] }> {
  let done: { success: boolean; lines: string[] } | undefined;
  await withTempDir(async (empty) => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", NEEDS_HOMESERVER],
      cwd: ROOT,
      env: {
        ...known("HOME", "DENO_DIR"),
        XDG_CACHE_HOME: empty,
        PATH: empty,
        NO_COLOR: "1",
        ...env,
      },
      clearEnv: true,
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    done = { success, lines: text.split("\n").filter((line) => line.includes(TOLD)) };
  });
  assert.ok(done !== undefined);
  return done;
}

/** Where Deno keeps what it has downloaded: the cache that is empty for the homeserver isn't for it. */
function known(...names: readonly string[]): Record<string, string> {
  const values = names.map((name) => [name, Deno.env.get(name)] as const);
  const found = Object.fromEntries(values.filter(([, value]) => value !== undefined));
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${found["HOME"]}/.cache`;
  return { DENO_DIR: `${cache}/deno`, ...found } as Record<string, string>;
}

Deno.test("without Python one line says what was not run and how to run it", async () => {
  const { success, lines } = await runWithoutPython({});
  assert.equal(success, true);
  assert.equal(lines.length, 1);
});

Deno.test("in CI that is a failure", async () => {
  const { success, lines } = await runWithoutPython({ CI: "true" });
  assert.equal(success, false);
  assert.notEqual(lines.length, 0);
});
