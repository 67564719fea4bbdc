/** What the node makes of connections and frames, good and bad, on a real socket. */
import assert from "node:assert/strict";
import { FrameSocket } from "../../lib/matrix/frame_socket.ts";
import type { NodeFrame } from "../../lib/schema/link_frames.ts";
import { within } from "../helpers/deadline.ts";
import { FakeWorker } from "../helpers/fake_worker.ts";
import { getRun, startDag } from "../helpers/test_node.ts";
import {
  act,
  dagOf,
  ids,
  taskStates,
  type TestWithWorker,
  withWorker,
} from "../helpers/with_worker.ts";

function lastOp({ frames }: FakeWorker): NodeFrame["op"] | undefined {
  return frames.at(-1)?.op;
}

/** Fails unless the node still does its work with the worker that it had. */
async function stillWorks({ fetch, worker }: TestWithWorker): Promise<void> {
  const { run_id } = await startDag(fetch, dagOf({ after: [] }, { dag_id: "still-works" }));
  await worker.finish(await worker.take());
  assert.equal((await getRun(fetch, run_id)).status, "completed");
}

Deno.test("who doesn't know the secret is refused, whatever worker it says it is", async () => {
  await withWorker(async (test) => {
    const { worker } = test;
    for (
      const [worker_id, secret] of [
        [worker.id, "wrong"],
        [worker.id, ""],
        ["worker-project-nobody", worker.bootstrap.secret],
        ["", worker.bootstrap.secret],
        ["__proto__", worker.bootstrap.secret],
      ] as const
    ) {
      await using stranger = new FakeWorker({ ...worker.bootstrap, worker_id });
      await stranger.open(secret);
      assert.equal(stranger.frames[0]?.op, "refused", `${worker_id} with "${secret}"`);
      await stranger.until(() => stranger.isClosed);
      assert.ok(!JSON.stringify(stranger.frames).includes(worker.bootstrap.secret));
    }
    await stillWorks(test);
  });
});

Deno.test("nothing is taken from a connection that hasn't said who it is", async () => {
  await withWorker(async (test) => {
    const { worker, fetch } = test;
    await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    const results = [{ ...a, status: "completed", outputs: null, exit_code: 0, error: null }];
    const content = { v: 1, results };
    const conn = await Deno.connect({ transport: "unix", path: worker.bootstrap.socket });
    await within(
      new Promise<void>((resolve) => {
        const socket = new FrameSocket(conn, { onFrame: () => {}, onClose: resolve });
        socket.send(JSON.stringify({ op: "send", txn: 1, type: "io.cis.task.result", content }));
      }),
      "the end of the connection",
    );
    assert.deepEqual(await taskStates(fetch, a.run_id), { a: "running" });
    await worker.finish(a);
    await stillWorks(test);
  });
});

const GARBAGE = [
  "",
  "null",
  "[]",
  "{",
  "not JSON",
  "\u0000",
  '{"op":"boom"}',
  '{"op":"send"}',
  '{"op":"send","txn":-1,"type":"x","content":{}}',
  '{"op":"send","txn":1.5,"type":"x","content":{}}',
  '{"op":"send","txn":1,"type":7,"content":{}}',
  '{"op":"hello","worker_id":7,"secret":[]}',
  `{"op":"send","txn":1,"type":"io.cis.task.log","content":"${"x".repeat(1024 * 1024)}"}`,
];

Deno.test("a frame that can't be read ends the connection and no more; the worker may come back", async () => {
  // Each with a worker of its own: several of one worker would end its process.
  for (const frame of GARBAGE) {
    await withWorker(async (test) => {
      const { worker, reports, fetch } = test;
      const { run_id } = await startDag(fetch, dagOf({ a: [] }));
      const a = await worker.take();
      worker.sendRaw(frame);
      await worker.until(() => worker.isClosed);
      assert.match(reports.at(-1) ?? "", /^worker-global sent a frame that (could not be read|is)/);
      await worker.connect();
      assert.deepEqual(await taskStates(fetch, run_id), { a: "running" });
      assert.deepEqual(worker.cancelled, []);
      await worker.finish(a);
      await stillWorks(test);
    });
  }
});

Deno.test("content as deep as a frame is long is an event that is not valid, and no more", async () => {
  await withWorker(async (test) => {
    const { worker, reports } = test;
    const content = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    worker.sendRaw(`{"op":"send","txn":777,"type":"io.cis.task.result","content":${content}}`);
    await worker.settled(777);
    assert.match(reports.at(-1) ?? "", /task.result" that is not valid$/);
    await stillWorks(test);
  });
});

const INVALID: readonly (readonly [type: string, content: object])[] = [
  ["io.cis.nonsense", {}],
  ["__proto__", {}],
  ["toString", {}],
  ["", {}],
  ["io.cis.task.result", {}],
  ["io.cis.task.result", { results: "all" }],
  ["io.cis.task.result", { results: [{ run_id: 1 }] }],
  ["io.cis.task.result", { v: 2, results: [] }],
  ["io.cis.task.log", { logs: [{}] }],
  ["io.cis.worker.ready", { active: null }],
  ["io.cis.worker.heartbeat", { active_tasks: "many" }],
];

Deno.test("events that are unknown or not valid are answered, reported and change nothing", async () => {
  // Each with a worker of its own: of many complaints about one worker not each is told.
  for (const [type, content] of INVALID) {
    await withWorker(async (test) => {
      const { node, worker, reports, fetch } = test;
      await startDag(fetch, dagOf({ a: [] }));
      const a = await worker.take();
      const events = node.events.latest();
      await worker.settled(worker.send(type, content));
      assert.equal(lastOp(worker), "sent");
      assert.match(reports.at(-1) ?? "", new RegExp(`^worker-global sent an event "${type}" that`));
      assert.equal(node.events.latest(), events);
      assert.ok(!worker.isClosed);
      await worker.finish(a);
      await stillWorks(test);
    });
  }
});

Deno.test("a worker can't speak as the node: dispatch and cancel from it mean nothing", async () => {
  await withWorker(async (test) => {
    const { node, worker, reports, fetch } = test;
    await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    const events = node.events.latest();
    await worker.settled(worker.send("io.cis.task.dispatch", { tasks: [a] }));
    assert.match(reports.at(-1) ?? "", /which only the node may send/);
    await worker.settled(worker.send("io.cis.task.cancel", { tasks: [a], reason: "mine" }));
    assert.match(reports.at(-1) ?? "", /which only the node may send/);
    assert.equal(node.events.latest(), events);
    assert.deepEqual(await taskStates(fetch, a.run_id), { a: "running" });
    assert.deepEqual([worker.waiting, worker.cancelled], [0, []]);
    await worker.finish(a);
    await stillWorks(test);
  });
});

Deno.test("a report of any size that fits a frame is handled, its text kept to the last character", async () => {
  await withWorker(async ({ node, worker, fetch }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    const text = 'ü\u0000🙂"\\\t'.repeat(40_000);
    const said = text.slice(0, 7 * 170);
    await worker.log(a, [{ line: 1, time: 1, stream: "stdout", text: said }]);
    await worker.finish(a, { outputs: { text } });
    const b = await worker.take();
    assert.deepEqual(b.inputs, { a: { text } });
    const [line] = node.logs.read({ runId: run_id }, { after: 0, limit: 1 });
    // A NUL can't be kept in text; its sign is, and nothing behind it is lost.
    assert.equal(line?.text, said.replaceAll("\u0000", "␀"));
  });
});

Deno.test("a second connection with the same secret takes the first one's place", async () => {
  await withWorker(async (test) => {
    const { node, worker, fetch } = test;
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    await using second = new FakeWorker(worker.bootstrap);
    second.held.set(a.lease, a);
    await second.connect();
    await worker.until(() => worker.isClosed);
    await second.finish(a);
    const b = await second.take();
    assert.deepEqual(ids([b]), ["b"]);
    await second.finish(b);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "completed");
    assert.deepEqual(run.tasks.map(({ attempts }) => attempts.length), [1, 1]);
    assert.equal(node.supervisor.get(worker.id).status, "running");
  });
});

Deno.test("after a reconnect: held attempts go on, unheld ones come again, ended ones are called off", async () => {
  await withWorker(async ({ worker, fetch }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ held: [], unheld: [], ended: [], later: [] }, {
        max_parallel: 3,
      }),
    );
    const [held, unheld, ended] = await worker.takeAll();
    assert.ok(held && unheld && ended);
    await worker.finish(ended);
    const later = await worker.take();
    await worker.disconnect();
    worker.held.clear();
    for (const task of [held, later, ended]) worker.held.set(task.lease, task);
    await worker.connect();
    const again = await worker.takeAll();
    // The same attempt under the same lease, with all that it needs.
    assert.deepEqual(again, [unheld]);
    assert.deepEqual(worker.cancelled, [ended.lease]);
    for (const task of [held, unheld, later]) await worker.finish(task);
    const run = await getRun(fetch, run_id);
    assert.equal(run.status, "completed");
    assert.deepEqual(run.tasks.map(({ attempts }) => attempts.length), [1, 1, 1, 1]);
  });
});

Deno.test("what was cancelled while the worker was away is called off when it is back", async () => {
  await withWorker(async (test) => {
    const { worker, fetch } = test;
    const { run_id } = await startDag(fetch, dagOf({ a: [] }));
    const a = await worker.take();
    await worker.disconnect();
    await act(fetch, run_id, "cancel");
    await worker.connect();
    await worker.sync();
    assert.deepEqual(worker.cancelled, [a.lease]);
    worker.held.clear();
    await stillWorks(test);
  });
});

Deno.test("a result that was sent, but not confirmed before the connection broke, counts once", async () => {
  await withWorker(async ({ worker, fetch }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    worker.report([a], { outputs: { n: 1 } });
    await worker.disconnect();
    // It can't know whether that arrived: it holds the attempt still and says it again.
    await worker.connect();
    await worker.finish(a, { outputs: { n: 1 } });
    const given = await worker.takeAll();
    const [b] = given;
    assert.ok(b);
    assert.deepEqual([b.task_id, b.inputs], ["b", { a: { n: 1 } }]);
    // It may have been sent on the new connection already before the worker said what it holds.
    assert.deepEqual(new Set(given.map(({ lease }) => lease)), new Set([b.lease]));
    await worker.finish(b);
    const run = await getRun(fetch, run_id);
    assert.deepEqual(run.tasks.map(({ attempts }) => attempts.length), [1, 1]);
  });
});
