import assert from "node:assert/strict";
import type { Command } from "commander";
import { buildProgram } from "../../lib/cli/program.ts";
import { fakeSystem, runFake } from "./fake_system.ts";

function commands(command: Command, path: string[] = []): string[][] {
  return command.commands.flatMap((child) => {
    const own = [...path, child.name()];
    return child.commands.length === 0 ? [own] : commands(child, own);
  });
}

const program = buildProgram(fakeSystem().system, () => () => Promise.resolve());
const ALL = commands(program);

Deno.test("the commands of the contract are there", () => {
  const names = ALL.map((path) => path.join(" "));
  const dag = "validate publish confirm reject list show diff status run analyze pending";
  const run = "list show watch logs cancel retry pause resume";
  const worker = "start stop status restart logs";
  const token = "create list revoke";
  const decision = "list show approve reject vote";
  const debt = "list resolve";
  const groups = { dag, run, decision, debt, worker, token, logs: "search" };
  for (const [group, list] of Object.entries(groups)) {
    for (const name of list.split(" ")) {
      assert.ok(names.includes(`${group} ${name}`), `${group} ${name}`);
    }
  }
  assert.ok(names.includes("demo"));
});

Deno.test("the docs tell of every command", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));
  const missing = ALL.map((path) => ["deno task", ...path].join(" "))
    .filter((name) => !new RegExp(`${name}(?![\\w-])`).test(docs));
  assert.deepEqual(missing, []);
});

const GROUPS = ["dag", "run", "decision", "debt", "worker", "logs", "token"].map((name) => [name]);
for (const path of [[], ...GROUPS, ...ALL]) {
  const name = ["deno task", ...path].join(" ");
  Deno.test(`${name} --help speaks of ${name} and exits with 0`, async () => {
    const { code, out, err, sent } = await runFake([...path, "--help"]);
    assert.deepEqual([code, err, sent], [0, "", []]);
    assert.ok(out.startsWith(`Usage: ${name} `), out.split("\n")[0]);
    assert.match(out, /--url <url>/);
    assert.match(out, /--json/);
  });
}

for (
  const [what, argv, said] of [
    ["an unknown group", ["dga", "list"], /unknown command 'dga'\n\(Did you mean dag\?\)/],
    ["an unknown command", ["dag", "pubilsh"], /Did you mean publish\?/],
    ["an unknown flag", ["run", "list", "--statsu", "x"], /unknown option '--statsu'[^]*--status/],
    ["a missing argument", ["run", "watch"], /missing required argument 'run-id'/],
    ["too many arguments", ["run", "watch", "a", "b"], /too many arguments/],
    ["a flag without its value", ["run", "list", "--status"], /argument missing/],
    ["a limit that is none", ["dag", "list", "--limit", "0"], /whole number from 1/],
    ["a version that is none", ["dag", "diff", "a", "one"], /whole number from 1/],
    ["a missing flag", ["worker", "start"], /--scope <scope>/],
    ["an address that is none", ["dag", "list", "--url", "x"], /"x" is not the address of a node/],
    ["a file that isn't there", ["dag", "publish", "none"], /no file none/],
    ["a token file that isn't there", ["dag", "list", "--token-file", "none"], /token file none/],
  ] as const
) {
  Deno.test(`${what} exits with 2 and a hint`, async () => {
    const { code, out, err, sent } = await runFake([...argv]);
    assert.deepEqual([code, out, sent], [2, "", []]);
    assert.match(err, said);
  });
}

for (const argv of [[], ["dag"], ["worker"]]) {
  Deno.test(`"${argv.join(" ")}" alone shows the commands and exits with 2`, async () => {
    const { code, out, err } = await runFake(argv);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /Commands:/);
  });
}

Deno.test("settings that can't be used are a usage error", async () => {
  const { ConfigError } = await import("../../lib/config.ts");
  const fake = fakeSystem();
  fake.system.nodeSettings = () => {
    throw new ConfigError("the port must be a number");
  };
  const { code, err } = await fake.run("dag", "list");
  assert.deepEqual([code, err], [2, "error: the port must be a number\n"]);
});

Deno.test("help works with settings that can't be used", async () => {
  const fake = fakeSystem();
  fake.system.nodeSettings = () => assert.fail("help doesn't need a node");
  assert.equal((await fake.run("dag", "--help")).code, 0);
});
