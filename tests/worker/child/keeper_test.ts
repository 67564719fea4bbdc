/** The keeper with control groups of version 2, played by a directory; and when it is killed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { keeper, type SlotGroups } from "../../../lib/worker/child/keeper.ts";
import { withTempDir } from "../../helpers/temp_dir.ts";

const LIMITS = { memory: 1_000_000, cpu: 0.5, file_size: null, output: 1 };

function spawn(command: string): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", command],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** A group as version 2 shows it, before anything is in it. */
function makeGroup(dir: string): SlotGroups {
  Deno.writeTextFileSync(join(dir, "cgroup.procs"), "");
  Deno.writeTextFileSync(join(dir, "memory.events"), "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n");
  Deno.writeTextFileSync(join(dir, "memory.swap.max"), "max");
  return { join: [dir], memory: dir, cpu: dir, version: 2 };
}

const read = (dir: string, name: string): string => Deno.readTextFileSync(join(dir, name)).trim();

Deno.test("version 2: limits are written, the process joins, and what it used is told", async () => {
  await withTempDir(async (dir) => {
    const groups = makeGroup(dir);
    const child = spawn("exec sleep 60");
    const kept = keeper.keep(child.pid, { groups, limits: LIMITS });
    await kept.joined;
    assert.equal(read(dir, "cgroup.procs"), String(child.pid));
    assert.equal(read(dir, "memory.max"), "1000000");
    assert.equal(read(dir, "memory.swap.max"), "0");
    assert.equal(read(dir, "cpu.max"), "50000 100000");
    // What was killed before this attempt is not counted against it.
    Deno.writeTextFileSync(join(dir, "memory.events"), "max 9\noom 3\noom_kill 3\n");
    Deno.writeTextFileSync(join(dir, "memory.peak"), "999424\n");
    kept.kill();
    assert.equal((await child.status).signal, "SIGKILL");
    Deno.writeTextFileSync(join(dir, "cgroup.procs"), "");
    assert.deepEqual(await kept.end(), { peak: 999424, oomKills: 2 });
  });
});

Deno.test("a process that its groups don't take is refused, not left without limits", async () => {
  await withTempDir(async (dir) => {
    const child = spawn("exec sleep 60");
    const gone = join(dir, "gone");
    const groups = { join: [gone], memory: null, cpu: null, version: 2 } as const;
    const kept = keeper.keep(child.pid, { groups: { ...groups, join: [gone] }, limits: LIMITS });
    await assert.rejects(kept.joined, /control groups don't take it/);
    child.kill("SIGKILL");
    await child.status;
  });
});

Deno.test("a tree is asked to end without its walls, and a session with all that is in it", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "asked");
    const child = spawn(`trap 'echo asked > ${file}; exit 7' TERM; sleep 60 & wait`);
    const kept = keeper.keep(child.pid, "tree");
    await until(() => childrenOf(child.pid).length > 0);
    kept.terminate();
    assert.equal((await child.status).code, 7);
    assert.equal(Deno.readTextFileSync(file), "asked\n");
    assert.deepEqual(await kept.end(), { peak: null, oomKills: 0 });
  });
});

function childrenOf(pid: number): string[] {
  return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ")
    .filter((child) => child !== "");
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isTrue(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(isTrue(), "not within five seconds");
}
