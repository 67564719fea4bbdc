/** What a worker takes on, and what it does with orders that make no sense. */
import assert from "node:assert/strict";
import type { TaskWork } from "../../../lib/schema/room_events.ts";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, refOf, shell, task } from "../../helpers/fake_node.ts";

Deno.test("noop tasks are done as they come", async () => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();
  const tasks = Array.from({ length: 500 }, (_, n) => task({ type: "noop" }, { task_id: `t${n}` }));
  node.dispatch(...tasks);
  await node.until("all results", () => node.results.length >= tasks.length);
  const expected = tasks.map((one) => ({ ...refOf(one), status: "completed", outputs: null }));
  assert.deepEqual(
    node.results.map(({ run_id, task_id, attempt, lease, status, outputs }) => (
      { run_id, task_id, attempt, lease, status, outputs }
    )),
    expected,
  );
  // Many in one event: far fewer events than tasks.
  assert.ok(node.sendFrames("io.cis.task.result").length < 50);
});

Deno.test("a type that the worker doesn't know fails, and is never a shell", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  for (const type of ["skill", "bash", "SHELL", "__proto__", ""]) {
    await t.step(JSON.stringify(type), async () => {
      const work = { type, command: "touch ran", script: "touch ran" } as unknown as TaskWork;
      const { status, error } = await node.run(task(work));
      assert.deepEqual([status, error?.code], ["failed", "unknown_task_type"]);
      assert.match(error?.message ?? "", /can't carry out tasks of type .*its node is of another/);
    });
  }
  await t.step("nothing was run", () => {
    assert.throws(() => worker.read("ran"), Deno.errors.NotFound);
  });
});

Deno.test("an attempt that is dispatched twice is carried out once", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  node.confirms = false;
  const dispatch = shell("echo x >> times");
  node.dispatch(dispatch, dispatch);
  node.dispatch(dispatch);
  await node.result(dispatch);
  // Not even when it has ended, as long as the node hasn't confirmed it.
  node.dispatch(dispatch);
  await node.run(task({ type: "noop" }, { task_id: "after" }));
  assert.equal(node.results.filter(({ task_id }) => task_id === "task").length, 1);
  assert.equal(worker.read("times"), "x\n");
  // Another lease is another attempt.
  await node.run({ ...dispatch, lease: "another" });
  assert.equal(worker.read("times"), "x\nx\n");
});

Deno.test("tasks run side by side, as many as are dispatched", async () => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await node.isReady();
  // Each waits for the next one's pipe, so one after the other would never end.
  const count = 6;
  const tasks = Array.from({ length: count }, (_, n) =>
    shell(
      `mkfifo p${n} 2>/dev/null; mkfifo p${n + 1} 2>/dev/null; ` +
        (n === 0 ? `echo go > p1` : n === count - 1 ? `cat p${n}` : `cat p${n} > p${n + 1}`),
      { task_id: `t${n}` },
    ));
  node.dispatch(...tasks.toReversed());
  for (const one of tasks) assert.equal((await node.result(one)).status, "completed");
});

Deno.test("orders and frames that make no sense are ignored, and the worker goes on", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  const good = shell("echo fine");
  const texts = ["", "no JSON", "null", "42", "[]", '"text"', "{}", '{"op":"nonsense"}'];
  for (const text of texts) node.sendText(text);
  await node.sendBytes([0, 255, 1]);
  for (
    const frame of [
      { op: "sent" },
      { op: "sent", txn: "1" },
      { op: "sent", txn: 4711 },
      { op: "events" },
      { op: "events", events: "none" },
      { op: "events", events: [null, 1, {}, { seq: "x", type: 1 }] },
    ]
  ) node.sendFrame(frame);
  const contents: unknown[] = [
    undefined,
    null,
    "text",
    [],
    {},
    { v: 2, tasks: [good] },
    { v: 1 },
    { v: 1, tasks: null },
    { v: 1, tasks: "all" },
    { v: 1, tasks: [null, 1, "x", [], {}] },
    { v: 1, tasks: [{ ...good, work: null }, { ...good, env: null }, { ...good, inputs: 1 }] },
    {
      v: 1,
      tasks: [{ ...good, lease: 7 }, { ...good, attempt: "1" }, { ...good, timeout_ms: "x" }],
    },
    {
      v: 1,
      tasks: [{ ...good, permissions: null }, { ...good, limits: 1 }, { ...good, secrets: {} }],
    },
  ];
  for (const content of contents) {
    for (const type of ["io.cis.task.dispatch", "io.cis.task.cancel", "io.cis.nonsense"]) {
      node.send({ type, content });
    }
  }
  // What only a worker says is nothing to it.
  node.send({ type: "io.cis.task.result", content: { v: 1, results: [] } });
  assert.equal((await node.run(good)).status, "completed");
  assert.deepEqual(node.results.map(refOf), [refOf(good)]);
  assert.equal(node.welcomes, 1);
  worker.process.kill("SIGTERM");
  assert.equal(await worker.ended(), 0);
  const notes = await worker.stderr;
  assert.match(notes, /a frame that is not JSON; ignored/);
  assert.match(notes, /an event "io\.cis\.task\.dispatch" of an unknown shape; ignored/);
  assert.match(notes, /dispatched a task of an unknown shape; ignored/);
  assert.doesNotMatch(notes, /Error/);
});

Deno.test("a shutdown without its members ends the worker in good order all the same", async () => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await node.isReady();
  node.send({ type: "io.cis.worker.shutdown", content: { v: 1 } });
  assert.equal(await worker.ended(), 0);
});
