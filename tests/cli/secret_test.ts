import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { HiddenLine } from "../../lib/cli/hidden_line.ts";
import { json, problem } from "../api/fake_fetch.ts";
import { within } from "../helpers/deadline.ts";
import { NODE_URL, runFake } from "./fake_system.ts";

const VALUE = "correct-horse-battery";
const view = {
  name: "NPM_TOKEN",
  scope: null,
  created_by: "tok-1",
  created_at: "2026-03-01T11:00:00.000Z",
  updated_at: "2026-03-01T11:00:00.000Z",
};

Deno.test("set sends what was typed or piped in, without the line end behind it", async () => {
  for (const secret of [VALUE, `${VALUE}\n`, `${VALUE}\r\n`]) {
    const { code, out, err, sent } = await runFake(["secret", "set", "NPM_TOKEN"], {
      secret,
      routes: { "PUT /api/v1/secrets/NPM_TOKEN": json(view) },
    });
    assert.deepEqual([code, out], [0, "The secret NPM_TOKEN is set for every scope.\n"]);
    assert.ok(!(out + err).includes(VALUE));
    assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), { value: VALUE });
  }
});

Deno.test("set takes a scope, and keeps the lines of a value", async () => {
  const { out, sent } = await runFake(["secret", "set", "NPM_TOKEN", "--scope", "project:abc"], {
    secret: "line one\nline two\n\n",
    routes: { "PUT /api/v1/secrets/NPM_TOKEN": json({ ...view, scope: "project:abc" }) },
  });
  assert.equal(out, "The secret NPM_TOKEN is set for project:abc.\n");
  assert.deepEqual(JSON.parse(sent[0]?.body ?? ""), {
    value: "line one\nline two\n",
    scope: "project:abc",
  });
});

Deno.test("set without a value, or with one in the arguments, is a usage error", async () => {
  const empty = await runFake(["secret", "set", "NPM_TOKEN"], { secret: "\n" });
  assert.deepEqual([empty.code, empty.sent], [2, []]);
  assert.match(empty.err, /No value was given/);
  const given = await runFake(["secret", "set", "NPM_TOKEN", VALUE], { secret: VALUE });
  assert.deepEqual([given.code, given.sent], [2, []]);
});

Deno.test("list tells names and scopes", async () => {
  const secrets = [view, { ...view, name: "B", scope: "project:abc" }];
  const { out } = await runFake(["secret", "list"], {
    routes: { "GET /api/v1/secrets": json({ count: 2, next_cursor: null, secrets }) },
  });
  assert.match(out, /^NPM_TOKEN +every +1 h ago$/m);
  assert.match(out, /^B +project:abc +1 h ago$/m);
});

Deno.test("remove names the scope; one that isn't there exits with 3", async () => {
  const routes = {
    "DELETE /api/v1/secrets/B": json({ ...view, name: "B", scope: "project:abc" }),
    "DELETE /api/v1/secrets/C": problem(404, "secret_not_found"),
  };
  const argv = ["secret", "remove", "B", "--scope", "project:abc"];
  const { code, out, sent } = await runFake(argv, { routes });
  assert.deepEqual([code, out], [0, "The secret B is gone for project:abc.\n"]);
  assert.equal(sent[0]?.url, `${NODE_URL}/api/v1/secrets/B?scope=project%3Aabc`);
  assert.equal((await runFake(["secret", "remove", "C"], { routes })).code, 3);
});

for (
  const [what, keys, expected] of [
    ["Enter ends it", "abc\rdef", ["done", "abc"]],
    ["backspace takes a character back", "aü\x7f😀\x7fb\n", ["done", "ab"]],
    ["backspace on an empty line is nothing", "\x7fa\n", ["done", "a"]],
    ["Ctrl-U takes all back", "abc\x15d\n", ["done", "d"]],
    ["Ctrl-C gives up", "abc\x03", ["given up", "abc"]],
    ["Ctrl-D on an empty line gives up", "\x04", ["given up", ""]],
    ["without Enter it goes on", "abc", ["open", "abc"]],
  ] as const
) {
  Deno.test(`a hidden line: ${what}`, () => {
    const line = new HiddenLine();
    // As a terminal may hand it over: one byte at a time.
    for (const byte of new TextEncoder().encode(keys)) line.take(Uint8Array.of(byte));
    assert.deepEqual([line.state, line.text], expected);
  });
}

/** util-linux's `script` is a terminal without a screen. */
function hasScript(): boolean {
  try {
    return new Deno.Command("script", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const message =
      "Not run: the value typed in a terminal, because the program script is missing. " +
      'Install it with "apt-get install bsdutils".';
    if (Deno.env.get("CI") === "true") throw new Error(message);
    // deno-lint-ignore no-console -- a test that did less than it says must say so
    console.warn(message);
    return false;
  }
}

Deno.test("in a terminal the value is asked for and not shown", async () => {
  if (!hasScript()) return;
  const received = Promise.withResolvers<string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (req) => {
    received.resolve(await req.text());
    return json(view);
  });
  const command = `${Deno.execPath()} run -A --no-check cli.ts secret set NPM_TOKEN`;
  const child = new Deno.Command("script", {
    args: ["-qec", command, "/dev/null"],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { CIS_URL: `http://127.0.0.1:${server.addr.port}`, CIS_TOKEN: "t", NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const writer = child.stdin.getWriter();
    let screen = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const asked = screen.includes("Value of NPM_TOKEN: ");
      screen += text;
      if (!asked && screen.includes("Value of NPM_TOKEN: ")) {
        await writer.write(new TextEncoder().encode(`${VALUE}\r`));
      }
    }
    const { code } = await within(child.status, "the command's end", 20_000);
    assert.equal(code, 0, screen);
    assert.deepEqual(JSON.parse(await received.promise), { value: VALUE });
    assert.ok(!screen.includes(VALUE), screen);
    assert.match(screen, /The secret NPM_TOKEN is set/);
    await writer.close().catch(() => undefined);
  } finally {
    await server.shutdown();
  }
});
