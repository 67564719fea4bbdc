/**
 * Control groups of both versions. What the kernel makes of the version that this machine has the
 * hostile tasks show; version 2 is played by a directory, wherever this runs.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  closeCgroups,
  makeWorkerGroups,
  openCgroups,
  slotGroups,
  sweepWorkerGroups,
} from "../../lib/worker/cgroups.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const LIMITS = { memory: 512 * 1024 ** 2, cpu: 1.5, pids: 64, disk: 1 };

/** A machine on which this process is in a delegated group of version 2. */
function version2(dir: string, { procs = "" } = {}): { self: string; own: string } {
  const self = join(dir, "self");
  const mount = join(dir, "cgroup");
  const own = join(mount, "system.slice", "cis.service");
  Deno.mkdirSync(self);
  Deno.mkdirSync(own, { recursive: true });
  Deno.writeTextFileSync(join(self, "cgroup"), "0::/system.slice/cis.service\n");
  Deno.writeTextFileSync(
    join(self, "mountinfo"),
    `24 18 0:22 / /proc rw - proc proc rw\n31 23 0:28 / ${mount} rw,nosuid - cgroup2 cgroup2 rw\n`,
  );
  Deno.writeTextFileSync(join(own, "cgroup.controllers"), "cpuset cpu io memory pids\n");
  Deno.writeTextFileSync(join(own, "cgroup.procs"), procs);
  return { self, own };
}

/** A process that has nothing to do with the node. */
function startSleep(): AsyncDisposable & { readonly pid: number } {
  const child = new Deno.Command("sleep", { args: ["60"] }).spawn();
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

const read = (...path: string[]): string => Deno.readTextFileSync(join(...path)).trim();

Deno.test("version 2: the node moves aside, and its group hands on what it was given", async () => {
  await withTempDir((dir) => {
    const { self, own } = version2(dir);
    const cgroups = openCgroups("/srv/.cis", self);
    assert.ok(cgroups !== undefined);
    assert.equal(cgroups.version, 2);
    // Only a group without processes of its own can have limited children.
    assert.equal(read(own, "cis-node", "cgroup.procs"), String(Deno.pid));
    assert.equal(read(own, "cgroup.subtree_control"), "+memory +cpu +pids");
    const [root = ""] = [...new Set(Object.values(cgroups.roots))];
    assert.match(root, /\/system\.slice\/cis\.service\/cis-[0-9a-f]{12}$/);
    assert.equal(read(root, "cgroup.subtree_control"), "+memory +cpu +pids");
    return Promise.resolve();
  });
});

Deno.test("version 2: what has started the node moves aside with it, and nothing else does", async () => {
  await withTempDir((dir) => {
    const { self, own } = version2(dir, { procs: `${Deno.ppid}\n${Deno.pid}\n` });
    assert.equal(openCgroups("/srv/.cis", self)?.version, 2);
    assert.equal(read(own, "cgroup.subtree_control"), "+memory +cpu +pids");
    return Promise.resolve();
  });
  await withTempDir(async (dir) => {
    await using stranger = startSleep();
    const { self, own } = version2(dir, { procs: `${Deno.pid}\n${stranger.pid}\n` });
    assert.equal(openCgroups("/srv/.cis", self), undefined);
    assert.deepEqual([...Deno.readDirSync(own)].filter((entry) => entry.isDirectory), []);
  });
});

Deno.test("version 2: a worker's group has the limits of its tasks together, a slot those of one", async () => {
  await withTempDir((dir) => {
    const cgroups = openCgroups("/srv/.cis", version2(dir).self);
    assert.ok(cgroups !== undefined);
    makeWorkerGroups(cgroups, { name: "worker-global", slots: 2, limits: LIMITS });
    const [slot, other] = slotGroups(cgroups, { name: "worker-global", slots: 2 });
    assert.ok(slot !== undefined && other !== undefined);
    assert.equal(slot.join.length, 1, "one group holds everything");
    assert.equal(slot.memory, slot.join[0]);
    assert.notEqual(slot.memory, other.memory);
    const worker = join(slot.memory ?? "", "..");
    assert.equal(read(worker, "memory.max"), String(LIMITS.memory));
    assert.equal(read(worker, "memory.swap.max"), "0");
    assert.equal(read(worker, "cpu.max"), "150000 100000");
    assert.equal(read(slot.memory ?? "", "pids.max"), "65");
    return Promise.resolve();
  });
});

Deno.test("version 2 that nobody delegated, and no version at all, are told as none", async () => {
  await withTempDir((dir) => {
    const { self, own } = version2(dir);
    Deno.writeTextFileSync(join(own, "cgroup.controllers"), "cpuset\n");
    assert.equal(openCgroups("/srv/.cis", self), undefined);
    assert.equal(openCgroups("/srv/.cis", join(dir, "nowhere")), undefined);
    return Promise.resolve();
  });
});

Deno.test("what this machine has: groups are made, swept and removed again", async () => {
  await withTempDir(async (dir) => {
    const cgroups = openCgroups(dir);
    // An ordinary user without delegation has none, and nothing to remove.
    if (cgroups === undefined) return;
    for (const name of ["worker-a", "worker-b"]) {
      makeWorkerGroups(cgroups, { name, slots: 1, limits: LIMITS });
    }
    const groupOf = (name: string): string =>
      slotGroups(cgroups, { name, slots: 1 })[0]?.join[0] ?? "";
    assert.ok(Deno.statSync(groupOf("worker-a")).isDirectory);
    await sweepWorkerGroups(cgroups, new Set(["worker-b"]));
    assert.throws(() => Deno.statSync(groupOf("worker-a")), Deno.errors.NotFound);
    assert.ok(Deno.statSync(groupOf("worker-b")).isDirectory);
    await closeCgroups(cgroups);
    for (const root of Object.values(cgroups.roots)) {
      assert.throws(() => Deno.statSync(root), Deno.errors.NotFound);
    }
  });
});
