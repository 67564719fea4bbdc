/** The connection of a real worker process to its node, and what becomes of it when it breaks. */
import assert from "node:assert/strict";
import type { AttemptRef, HeartbeatContent } from "../../../lib/schema/room_events.ts";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, refOf, ROOM, shell, task } from "../../helpers/fake_node.ts";

/** Transactions under which an attempt's result was sent, in order. */
function txnsOf(node: FakeNode, ref: AttemptRef): number[] {
  return node.sendFrames("io.cis.task.result")
    .filter(({ content }) => JSON.stringify(content).includes(ref.lease))
    .map(({ txn }) => txn);
}

Deno.test("a worker says who it is, and then what it holds", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node, { bootstrap: { instance: "life-1" } });
  await node.isReady();
  assert.deepEqual(node.frames[0], {
    op: "hello",
    worker_id: "worker-project-abc",
    secret: "the secret",
  });
  assert.deepEqual(node.ready[0], {
    v: 1,
    worker_id: "worker-project-abc",
    instance: "life-1",
    pid: worker.process.pid,
    active: [],
  });
});

Deno.test("a sign of life comes with memory and the number of tasks", async () => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node, { bootstrap: { heartbeat_ms: 20 } });
  await node.isReady();
  const beats = (): HeartbeatContent[] => node.sent("io.cis.worker.heartbeat");
  await node.until("a sign of life", () => beats().length > 0);
  const [first] = beats();
  assert.equal(first?.active_tasks, 0);
  assert.ok((first?.cpu_ms ?? 0) > 0, String(first?.cpu_ms));
  assert.ok((first?.rss ?? 0) > 10e6 && (first?.rss ?? 0) < 500e6, String(first?.rss));
  const running = shell("sleep 60");
  node.dispatch(running);
  await node.until("one task", () => beats().at(-1)?.active_tasks === 1);
  node.cancel(running);
  await node.result(running);
  await node.until("no task", () => beats().at(-1)?.active_tasks === 0);
  // Worth nothing later, so neither kept nor confirmed.
  assert.ok(node.sendFrames("io.cis.worker.heartbeat").every(({ txn }) => txn === 0));
});

Deno.test("a worker whose node is not up yet tries until it is", async () => {
  await using node = new FakeNode();
  node.isUp = false;
  await using _worker = new ChildWorker(node);
  await node.until("tries", () => node.refusedConnections >= 3);
  node.isUp = true;
  await node.isReady();
  assert.equal((await node.run(shell("true"))).status, "completed");
});

Deno.test("what ends while the node is away is delivered once it is back", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const waits = shell(
    "mkfifo go; echo begun; read -r x < go; echo later; echo n=$x > $CIS_OUTPUT",
    {
      task_id: "waits",
    },
  );
  const stays = shell("read -r x < stay", { task_id: "stays" });
  await new Deno.Command("mkfifo", { args: [`${worker.workspace}/stay`] }).output();
  node.dispatch(waits, stays);
  await node.until("its begin", () => node.lines(waits).length > 0);
  node.isUp = false;
  node.drop();
  await Deno.writeTextFile(`${worker.workspace}/go`, "42\n");
  await node.until("tries", () => node.refusedConnections >= 2);
  node.isUp = true;
  const { status, outputs } = await node.result(waits);
  assert.deepEqual([status, outputs], ["completed", { n: "42" }]);
  assert.deepEqual(node.lines(waits).map(({ text }) => text), ["begun", "later"]);
  assert.deepEqual(txnsOf(node, waits).length, 1);
  // It said that it held both, the ended one too: the node didn't have the result then.
  assert.deepEqual(node.ready[1]?.active, [refOf(waits), refOf(stays)]);
  assert.equal(node.welcomes, 2);
  await Deno.writeTextFile(`${worker.workspace}/stay`, "\n");
  assert.equal((await node.result(stays)).status, "completed");
});

Deno.test("a result is sent again under the same number until it is confirmed", async () => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();
  node.confirms = false;
  const first = shell("echo one", { task_id: "first" });
  const second = task({ type: "noop" }, { task_id: "second" });
  await node.run(first);
  await node.run(second);
  for (let times = 2; times <= 3; times++) {
    node.drop();
    await node.isReady(times);
    await node.until("both again", () => txnsOf(node, second).length === times);
    assert.deepEqual(node.ready.at(-1)?.active, [refOf(first), refOf(second)]);
  }
  const [txnOfFirst, ...again] = txnsOf(node, first);
  assert.deepEqual(again, [txnOfFirst, txnOfFirst]);
  assert.equal(new Set(txnsOf(node, second)).size, 1);
  // In the order in which it happened: the lines of an attempt before its result.
  const ofLife = node.sendFrames().slice(-4).map(({ type }) => type.replace("io.cis.", ""));
  assert.deepEqual(ofLife, ["worker.ready", "task.log", "task.result", "task.result"]);

  node.sendFrame({ op: "sent", txn: txnOfFirst });
  node.drop();
  await node.isReady(4);
  await node.until("the second again", () => txnsOf(node, second).length === 4);
  assert.equal(txnsOf(node, first).length, 3);
  assert.deepEqual(node.ready.at(-1)?.active, [refOf(second)]);
  node.confirms = true;
  node.drop();
  await node.until("the second for the last time", () => txnsOf(node, second).length === 5);
  await node.run(task({ type: "noop" }, { task_id: "third" }));
  node.drop();
  await node.isReady(6);
  await node.run(task({ type: "noop" }, { task_id: "fourth" }));
  assert.equal(txnsOf(node, second).length, 5);
  assert.deepEqual(node.ready.at(-1)?.active, []);
});

Deno.test("very many results that the node lacks still fit: they come first, then what runs", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  node.confirms = false;
  const runs = shell("mkfifo go; echo begun; read -r x < go", { task_id: "runs" });
  const many = Array.from({ length: 1000 }, (_, n) => task({ type: "noop" }, { task_id: `t${n}` }));
  node.dispatch(runs, ...many);
  await node.until("its begin", () => node.lines(runs).length > 0);
  await node.until("all results", () => node.results.length === many.length);
  const before = node.frames.length;
  node.confirms = true;
  node.drop();
  await node.isReady(2);
  const again = node.frames.slice(before).flatMap((frame) =>
    frame.op === "send" ? [frame.type] : []
  );
  assert.ok(again.length > 2);
  assert.equal(again.at(-1), "io.cis.worker.ready");
  assert.deepEqual(node.ready[1]?.active, [refOf(runs)]);
  assert.equal(node.results.length, 2 * many.length);
  await Deno.writeTextFile(`${worker.workspace}/go`, "\n");
  assert.equal((await node.result(runs)).status, "completed");
});

Deno.test("a worker that the node refuses ends with 3 and says why", async () => {
  await using node = new FakeNode();
  node.refusal = { code: "unknown_worker", message: "this node expects no such worker" };
  await using worker = new ChildWorker(node);
  assert.equal(await worker.ended(), 3);
  assert.match(
    await worker.stderr,
    /the node refused this worker: this node expects no such worker \(unknown_worker\)/,
  );
});

Deno.test("a worker that is put into another room ends with 3", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node, { bootstrap: { room_id: "!another:node1" } });
  assert.equal(await worker.ended(), 3);
  assert.ok((await worker.stderr).includes(`into the room ${ROOM} instead of !another:node1`));
  assert.equal(node.ready.length, 0);
});

Deno.test("a worker that is started with something it can't use ends with 2", async (t) => {
  await using node = new FakeNode();
  const cases: [name: string, stdin: string, message: RegExp][] = [
    ["nothing", "", /the first line of stdin is not a JSON object; workers are started by a node/],
    ["no JSON", "secret-thing\n", /is not a JSON object/],
    ["a list", "[]\n", /has no usable "socket"; start it by the node/],
    ["half of it", '{"socket":"/nowhere/node.sock","worker_id":"w"}\n', /no usable "room_id"/],
  ];
  for (const [name, stdin, message] of cases) {
    await t.step(name, async () => {
      await using worker = new ChildWorker(node, { stdin });
      assert.equal(await worker.ended(), 2);
      assert.match(await worker.stderr, message);
      assert.doesNotMatch(await worker.stderr, /secret-thing/);
    });
  }
  await t.step("another one's", async () => {
    await using worker = new ChildWorker(node, { args: ["--worker-id", "worker-global"] });
    assert.equal(await worker.ended(), 2);
    assert.match(
      await worker.stderr,
      /--worker-id is worker-global, but stdin is for worker-project-abc/,
    );
  });
});
