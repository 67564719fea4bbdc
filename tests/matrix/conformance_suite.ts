/**
 * What every transport has to do, whatever it is made of: tests that run against each of them. Each
 * gets a node of its own with a worker that does what the test tells it.
 */
import assert from "node:assert/strict";
import type { LogLine } from "../../lib/schema/log_chunk.ts";
import type { AttemptRef, TaskDispatch } from "../../lib/schema/room_events.ts";
import type { ResultParts } from "../helpers/pretended_worker.ts";
import { getRun, startDag, type TestNode } from "../helpers/test_node.ts";
import { act, dagOf, ids, taskStates } from "../helpers/with_worker.ts";

/** The worker's end, as the tests use it. */
export interface WorkerEnd {
  readonly id: string;
  readonly held: Map<string, AttemptRef>;
  readonly cancelled: readonly string[];
  readonly waiting: number;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  send(type: string, content: object, txn?: number): number;
  settled(txn?: number): Promise<void>;
  sync(): Promise<void>;
  take(): Promise<TaskDispatch>;
  takeAll(): Promise<TaskDispatch[]>;
  finish(task: AttemptRef, parts?: ResultParts): Promise<void>;
  report(tasks: readonly AttemptRef[], parts?: ResultParts): number;
  log(task: AttemptRef, lines: readonly LogLine[]): Promise<void>;
}

/** A node and its worker. */
export interface Conforming extends TestNode {
  readonly worker: WorkerEnd;
  /** Another worker of the same node, for a scope such as `project:other`. */
  other(scope: string): Promise<WorkerEnd & AsyncDisposable>;
  /** Ends the node and starts another with what it left; the worker stays and says so. */
  restart(whileAway?: () => Promise<void>): Promise<TestNode>;
}

/** One test. */
export interface Conformance {
  readonly name: string;
  readonly test: (parts: Conforming) => Promise<void>;
}

/** Fails unless the node still does its work with the worker that it had. */
async function stillWorks({ fetch, worker }: Pick<Conforming, "fetch" | "worker">): Promise<void> {
  const { run_id } = await startDag(fetch, dagOf({ after: [] }, { dag_id: "still-works" }));
  await worker.finish(await worker.take());
  assert.equal((await getRun(fetch, run_id)).status, "completed");
}

/** The ids of tasks in the order in which the node has said them. */
function dispatched({ db }: TestNode["node"]): string[] {
  const rows = db.all<{ content: string }>(
    "SELECT content FROM room_events WHERE type = 'io.cis.task.dispatch' ORDER BY seq",
  );
  return rows.flatMap(({ content }) => ids(JSON.parse(content).tasks));
}

/** Attempts of each task of a run. */
async function attempts(fetch: TestNode["fetch"], runId: string): Promise<number[]> {
  return (await getRun(fetch, runId)).tasks.map((task) => task.attempts.length);
}

export const CONFORMANCE: readonly Conformance[] = [
  {
    name: "what the node says arrives in order, each once",
    test: async ({ worker, fetch }) => {
      const tasks = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`t${n}`, []]));
      // Names of each only follow each other through what each of them waits for.
      const { run_id } = await startDag(fetch, dagOf(tasks, { max_parallel: 1 }));
      for (let n = 0; n < 25; n++) {
        const task = await worker.take();
        worker.held.delete(task.lease);
        worker.report([task]);
      }
      await worker.settled();
      const run = await getRun(fetch, run_id);
      assert.equal(run.status, "completed");
      assert.equal(worker.waiting, 0);
      assert.deepEqual(run.tasks.map((task) => task.attempts.length), Array(25).fill(1));
    },
  },
  {
    name: "a thousand tasks come as few events and all at once",
    test: async ({ worker, fetch, node }) => {
      const tasks = Object.fromEntries(
        Array.from({ length: 1000 }, (_, n) => [`t${n}`, { type: "noop" }]),
      );
      const { run_id } = await startDag(fetch, dagOf(tasks, { max_parallel: 1000 }));
      const given = await worker.takeAll();
      assert.deepEqual(ids(given), dispatched(node));
      assert.deepEqual(new Set(ids(given)), new Set(Object.keys(tasks)));
      for (let at = 0; at < 1000; at += 100) worker.report(given.slice(at, at + 100));
      worker.held.clear();
      await worker.settled();
      assert.equal((await getRun(fetch, run_id)).status, "completed");
    },
  },
  {
    name: "an event that is sent again under its number counts once",
    test: async ({ worker, fetch, node }) => {
      const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
      const a = await worker.take();
      const txn = worker.report([a], { outputs: { n: 1 } });
      await worker.settled();
      const events = node.events.latest();
      const results = [{ ...a, status: "completed", outputs: { n: 2 }, exit_code: 0, error: null }];
      worker.send("io.cis.task.result", { results }, txn);
      await worker.settled();
      assert.equal(node.events.latest(), events);
      const b = await worker.take();
      assert.deepEqual(b.inputs, { a: { n: 1 } });
      worker.held.clear();
      await worker.finish(b);
      assert.deepEqual(await attempts(fetch, run_id), [1, 1]);
    },
  },
  {
    name: "a result that is told twice under two numbers counts once",
    test: async ({ worker, fetch }) => {
      const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
      const a = await worker.take();
      await worker.finish(a, { outputs: { n: 1 } });
      await worker.finish(a, { outputs: { n: 2 } });
      const b = await worker.take();
      assert.deepEqual(b.inputs, { a: { n: 1 } });
      await worker.finish(b);
      assert.deepEqual(await attempts(fetch, run_id), [1, 1]);
    },
  },
  {
    name:
      "after an absence: what is held goes on, what isn't comes again, what has ended is called off",
    test: async ({ worker, fetch }) => {
      const { run_id } = await startDag(
        fetch,
        dagOf({ held: [], unheld: [], ended: [] }, { max_parallel: 3 }),
      );
      const [held, unheld, ended] = await worker.takeAll();
      assert.ok(held && unheld && ended);
      await worker.finish(ended);
      await worker.disconnect();
      worker.held.clear();
      for (const task of [held, ended]) worker.held.set(task.lease, task);
      await worker.connect();
      // The same attempt under the same lease, with all that it needs.
      assert.deepEqual(await worker.takeAll(), [unheld]);
      assert.deepEqual(worker.cancelled, [ended.lease]);
      for (const task of [held, unheld]) await worker.finish(task);
      worker.held.clear();
      assert.equal((await getRun(fetch, run_id)).status, "completed");
      assert.deepEqual(await attempts(fetch, run_id), [1, 1, 1]);
    },
  },
  {
    name: "what was cancelled while the worker was away is called off",
    test: async (parts) => {
      const { worker, fetch } = parts;
      const { run_id } = await startDag(fetch, dagOf({ a: [] }));
      const a = await worker.take();
      await worker.disconnect();
      await act(fetch, run_id, "cancel");
      await worker.connect();
      await worker.sync();
      assert.deepEqual(new Set(worker.cancelled), new Set([a.lease]));
      worker.held.clear();
      await stillWorks(parts);
    },
  },
  {
    name: "what is unknown, not valid, of another version or not a worker's to say changes nothing",
    test: async (parts) => {
      const { worker, fetch, node, reports } = parts;
      await startDag(fetch, dagOf({ a: [] }));
      const a = await worker.take();
      const events = node.events.latest();
      const given: readonly (readonly [string, object])[] = [
        ["io.cis.task.result", { v: 2, results: [] }],
        ["io.cis.task.result", { results: "all" }],
        ["io.cis.task.log", { logs: [{}] }],
        ["io.cis.nonsense", {}],
        ["io.cis.task.dispatch", { tasks: [a] }],
        ["io.cis.task.cancel", { tasks: [a], reason: "mine" }],
      ];
      for (const [type, content] of given) worker.send(type, content);
      await worker.settled();
      assert.match(
        reports.at(-1) ?? "",
        new RegExp(`^${worker.id} sent an event "io.cis.task.result" that is not valid`),
      );
      assert.equal(node.events.latest(), events);
      await worker.finish(a);
      await stillWorks(parts);
    },
  },
  {
    name: "nobody reports for another worker",
    test: async (parts) => {
      const { worker, fetch, reports } = parts;
      const { run_id } = await startDag(fetch, dagOf({ a: [] }));
      const a = await worker.take();
      await using stranger = await parts.other("project:other");
      await stranger.finish(a);
      await stranger.log(a, [{ line: 1, time: 1, stream: "stdout", text: "mine" }]);
      assert.deepEqual(await taskStates(fetch, run_id), { a: "running" });
      assert.match(reports.join("\n"), /worker-project-other sent results of others' attempts/);
      await worker.finish(a);
      assert.equal((await getRun(fetch, run_id)).status, "completed");
    },
  },
  {
    name: "content of any size arrives whole, both ways",
    test: async ({ worker, fetch }) => {
      const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
      const a = await worker.take();
      const text = 'ü🙂"\\\t'.repeat(4_000);
      await worker.finish(a, { outputs: { text } });
      const b = await worker.take();
      assert.deepEqual(b.inputs, { a: { text } });
      await worker.finish(b);
      assert.equal((await getRun(fetch, run_id)).status, "completed");
    },
  },
  {
    name: "lines are kept in order, and those that come twice once",
    test: async ({ worker, fetch, node }) => {
      const { run_id } = await startDag(fetch, dagOf({ a: [] }));
      const a = await worker.take();
      const line = (n: number): LogLine => ({
        line: n,
        time: n,
        stream: "stdout",
        text: `line ${n}`,
      });
      await worker.log(a, [1, 2, 3].map(line));
      await worker.log(a, [2, 3, 4].map(line));
      await worker.finish(a);
      const kept = node.logs.read({ runId: run_id }, { after: 0, limit: 10 });
      assert.deepEqual(kept.map(({ text }) => text), [1, 2, 3, 4].map((n) => `line ${n}`));
    },
  },
  {
    name: "a node that is restarted goes on where it was",
    test: async (parts) => {
      const { worker, fetch } = parts;
      const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
      const a = await worker.take();
      const next = await parts.restart();
      await worker.finish(a, { outputs: { n: 1 } });
      const b = await worker.take();
      assert.deepEqual([b.task_id, b.inputs], ["b", { a: { n: 1 } }]);
      await worker.finish(b);
      assert.equal((await getRun(next.fetch, run_id)).status, "completed");
      assert.deepEqual(await attempts(next.fetch, run_id), [1, 1]);
    },
  },
];
