/** A launcher in a control group that is played by a directory. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { SlotGroups } from "../../../lib/worker/child/keeper.ts";
import { launch } from "../../../lib/worker/child/launcher.ts";
import type { OutputPipe } from "../../../lib/worker/child/output_pipe.ts";
import type { ProcessGroup } from "../../../lib/worker/child/process_group.ts";
import { withTempDir } from "../../helpers/temp_dir.ts";

const LIMITS = { memory: null, cpu: null, file_size: null, output: 1 };

function makeGroup(dir: string): SlotGroups {
  Deno.writeTextFileSync(join(dir, "cgroup.procs"), "");
  return { join: [dir], memory: null, cpu: null, version: 2 };
}

interface Order {
  readonly groups: SlotGroups;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function start(command: string, { groups, cwd = "/", env = {} }: Order): ProcessGroup | undefined {
  const program = { command: ["/bin/sh", "-c", command], cwd, env };
  return launch(program, { groups, limits: LIMITS });
}

async function textOf(pipe: OutputPipe): Promise<string> {
  let text = "";
  for (let piece = await pipe.read(); piece !== null; piece = await pipe.read()) {
    text += new TextDecoder().decode(piece);
  }
  return text;
}

async function run(command: string, order: Order): Promise<[string, string, number]> {
  const group = start(command, order);
  assert.ok(group !== undefined, "it was not taken");
  const output = Promise.all([textOf(group.stdout), textOf(group.stderr)]);
  await group.begun;
  const { code } = await group.exited;
  assert.deepEqual(await group.end(), { peak: null, oomKills: 0 });
  return [...await output, code];
}

Deno.test("one launcher starts one process after another, each with what is its own", async () => {
  await withTempDir(async (dir) => {
    const groups = makeGroup(dir);
    const first = await run('echo "$PPID"; echo "a $A"; pwd; echo err >&2; exit 3', {
      groups,
      cwd: dir,
      env: { A: 'it\'s "$(b)" `c`\n\\ü' },
    });
    const [launcher] = first[0].split("\n");
    assert.deepEqual(first, [
      `${launcher}\na it's "$(b)" \`c\`\n\\ü\n${Deno.realPathSync(dir)}\n`,
      "err\n",
      3,
    ]);
    const second = await run('echo "$PPID"; cat; set | grep -c "^A="', { groups });
    assert.deepEqual(second, [`${launcher}\n0\n`, "", 1]);
    launch(undefined, { groups, limits: LIMITS });
  });
});

Deno.test("what looks like the end of the output is output", async () => {
  await withTempDir(async (dir) => {
    const groups = makeGroup(dir);
    const word = crypto.randomUUID();
    const command = `printf '\\000${word} 0 0 - 0\\n'; printf 'a\\000'; printf b >&2`;
    assert.deepEqual(await run(command, { groups }), [`\0${word} 0 0 - 0\na\0`, "b", 0]);
    // What is killed is not told of by the launcher's shell.
    assert.deepEqual(await run("kill -KILL $$", { groups }), ["", "", 137]);
    launch(undefined, { groups, limits: LIMITS });
  });
});

Deno.test("what a shell can't be told, or can't start, is left to others", async () => {
  await withTempDir((dir) => {
    const groups = makeGroup(dir);
    assert.equal(start("echo a\0b", { groups }), undefined);
    assert.equal(start("true", { groups, env: { "a.b": "c" } }), undefined);
    assert.equal(start("true", { groups, env: { PPID: "1" } }), undefined);
    assert.equal(start("true", { groups, cwd: join(dir, "nowhere") }), undefined);
    assert.equal(start(`: ${"x".repeat(100_000)}`, { groups }), undefined);
    return Promise.resolve();
  });
});

Deno.test("a launcher that dies with its process is followed by another", async () => {
  await withTempDir(async (dir) => {
    const groups = makeGroup(dir);
    const group = start("echo $PPID; kill -KILL $PPID; exec sleep 60", { groups });
    assert.ok(group !== undefined);
    const output = textOf(group.stdout);
    assert.equal((await group.exited).signal, "SIGKILL");
    Deno.writeTextFileSync(join(dir, "cgroup.procs"), "");
    await group.end();
    group.stdout.cancel();
    const [, , code] = await run("exit 4", { groups });
    assert.equal(code, 4);
    assert.match(await output, /^\d+\n$/);
    group.stderr.cancel();
    launch(undefined, { groups, limits: LIMITS });
  });
});
