/** How a real worker process ends, and that nothing of its tasks is left then. */
import assert from "node:assert/strict";
import type { ShutdownContent, TaskDispatch } from "../../../lib/schema/room_events.ts";
import { ChildWorker, gone, isRunning } from "../../helpers/child_worker.ts";
import { FakeNode, shell, task } from "../../helpers/fake_node.ts";
import { pathGone } from "../../helpers/path_gone.ts";

/** Tasks whose processes heed no SIGTERM, and the pids of those. */
async function startStubborn(node: FakeNode): Promise<{ tasks: TaskDispatch[]; pids: number[] }> {
  const command =
    `trap '' TERM; sh -c 'trap "" TERM; echo $$; sleep 300; :' & echo $$; sleep 300; :`;
  const script = `export default ({ log }) => {
    Deno.addSignalListener("SIGTERM", () => {});
    log(String(Deno.pid));
    return new Promise(() => setInterval(() => {}, 1000));
  }`;
  const tasks = [
    shell(command, { task_id: "shell" }),
    task({ type: "deno", script }, { task_id: "deno" }),
  ];
  node.dispatch(...tasks);
  await node.until("three pids", () => node.lines().length === 3);
  const pids = node.lines().map(({ text }) => Number(text));
  assert.ok(pids.every(isRunning), String(pids));
  return { tasks, pids };
}

/** A task that ends when told to. */
async function startWaiting(node: FakeNode, worker: ChildWorker): Promise<{
  dispatch: TaskDispatch;
  finish: () => Promise<void>;
}> {
  const dispatch = shell("mkfifo go; echo begun; read -r x < go; echo n=$x > $CIS_OUTPUT");
  node.dispatch(dispatch);
  await node.until("its begin", () => node.lines(dispatch).length > 0);
  return { dispatch, finish: () => Deno.writeTextFile(`${worker.workspace}/go`, "1\n") };
}

Deno.test("SIGTERM: what runs may finish, nothing new is taken, the result is delivered, exit 0", async (t) => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    await t.step(signal, async () => {
      await using node = new FakeNode();
      await using worker = new ChildWorker(node);
      await node.isReady();
      const { dispatch, finish } = await startWaiting(node, worker);
      worker.process.kill(signal);
      const said = (): ShutdownContent[] => node.sent("io.cis.worker.shutdown");
      await node.until("its shutdown", () => said().length > 0);
      assert.deepEqual(said(), [{ v: 1, reason: `it got ${signal}`, grace_ms: 6000 }]);
      const late = shell("touch late", { task_id: "late" });
      node.dispatch(late);
      await finish();
      const { status, outputs } = await node.result(dispatch);
      assert.deepEqual([status, outputs], ["completed", { n: "1" }]);
      assert.equal(await worker.ended(), 0);
      assert.deepEqual(node.results.map(({ task_id }) => task_id), ["task"]);
      assert.throws(() => worker.read("late"), Deno.errors.NotFound);
      assert.match(await worker.stderr, new RegExp(`ending since it got ${signal}; 1 tasks run`));
    });
  }
});

Deno.test("an idle worker ends at once, and takes its files with it", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node, { bootstrap: { instance: "life-1" } });
  await node.isReady();
  await node.run(shell("true"));
  const temp = `${worker.directory}/tmp/life-1`;
  assert.ok(Deno.statSync(temp).isDirectory);
  worker.process.kill("SIGTERM");
  assert.equal(await worker.ended(), 0);
  assert.throws(() => Deno.statSync(temp), Deno.errors.NotFound);
});

Deno.test("it waits until the node has confirmed the last result", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  node.confirms = false;
  const done = await node.run(shell("true"));
  worker.process.kill("SIGTERM");
  await node.until("its shutdown", () => node.sent("io.cis.worker.shutdown").length > 0);
  node.drop();
  // Comes back although it is ending, and tells again.
  await node.isReady(2);
  const isTold = (): boolean =>
    node.results.filter(({ lease }) => lease === done.lease).length === 2;
  await node.until("the result again", isTold);
  for (const { txn } of node.sendFrames()) node.sendFrame({ op: "sent", txn });
  assert.equal(await worker.ended(), 0);
});

Deno.test("a shutdown by the node: its grace, then all is stopped and reported", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const { tasks, pids } = await startStubborn(node);
  const content = { v: 1, reason: "the node stops", grace_ms: 100 };
  node.send({ type: "io.cis.worker.shutdown", content });
  for (const one of tasks) {
    const { status, error } = await node.result(one);
    assert.deepEqual([status, error], ["cancelled", {
      code: "worker_stopped",
      message: "the worker ended: the node stops",
    }]);
  }
  assert.equal(await worker.ended(), 0);
  for (const pid of pids) await gone(pid);
});

Deno.test("a second signal ends it at once, with 143, and its tasks with it", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const { pids } = await startStubborn(node);
  worker.process.kill("SIGTERM");
  await node.until("its shutdown", () => node.sent("io.cis.worker.shutdown").length > 0);
  assert.ok(isRunning(worker.process.pid));
  worker.process.kill("SIGINT");
  assert.equal(await worker.ended(), 143);
  for (const pid of pids) await gone(pid);
});

Deno.test("SIGKILL of the worker leaves no process of its tasks", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const { pids } = await startStubborn(node);
  worker.process.kill("SIGKILL");
  await worker.process.status;
  for (const pid of pids) await gone(pid);
});

Deno.test("SIGKILL of the worker's whole process group doesn't keep its tasks alive", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node, { ownGroup: true });
  await node.isReady();
  const { pids } = await startStubborn(node);
  Deno.kill(-worker.process.pid, "SIGKILL");
  await worker.process.status;
  for (const pid of pids) await gone(pid);
});

Deno.test("what a killed life has left in the temporary directory, the next one removes", async () => {
  await using node = new FakeNode();
  const left = "tmp/life-1/7/of a task";
  await using worker = new ChildWorker(node, {
    prepare: (directory) => Deno.mkdirSync(`${directory}/${left}`, { recursive: true }),
    bootstrap: { instance: "life-2" },
  });
  await node.isReady();
  assert.equal((await node.run(shell("true"))).status, "completed");
  await pathGone(`${worker.directory}/tmp/life-1`);
  worker.process.kill("SIGTERM");
  assert.equal(await worker.ended(), 0);
  assert.deepEqual([...Deno.readDirSync(`${worker.directory}/tmp`)], []);
});

Deno.test("no node for longer than it may be: exit 4, and nothing of its tasks is left", async (t) => {
  await t.step("a node that goes away", async () => {
    await using node = new FakeNode();
    await using worker = new ChildWorker(node, { bootstrap: { orphan_grace_ms: 1_000 } });
    await node.isReady();
    const { pids } = await startStubborn(node);
    node.isUp = false;
    node.drop();
    assert.equal(await worker.ended(), 4);
    assert.match(await worker.stderr, /no node for 1000 ms; ending/);
    for (const pid of pids) await gone(pid);
  });
  await t.step("one that never was there", async () => {
    await using node = new FakeNode();
    node.isUp = false;
    await using worker = new ChildWorker(node, { bootstrap: { orphan_grace_ms: 200 } });
    assert.equal(await worker.ended(), 4);
  });
  await t.step("one that comes back in time is a node again", async () => {
    await using node = new FakeNode();
    await using worker = new ChildWorker(node, { bootstrap: { orphan_grace_ms: 1_000 } });
    await node.isReady();
    node.drop();
    await node.isReady(2);
    // Longer than the grace, by the worker's own clock.
    assert.equal((await node.run(shell("sleep 1.2"))).status, "completed");
    assert.ok(isRunning(worker.process.pid));
  });
});
