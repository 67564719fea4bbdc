/** What is answered is on disk first, and many changes cost one commit. On a node's own database. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  databasePath,
  getRun,
  publishDag,
  runEnded,
  startDag,
  type TestNode,
  withServedNode,
} from "../helpers/test_node.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { walCommits } from "../helpers/wal_commits.ts";
import { dagOf, taskStates, withWorker } from "../helpers/with_worker.ts";

Deno.test("a node's database is in WAL mode and syncs each commit", async () => {
  await withServedNode(({ node }) => {
    assert.equal(node.db.get("PRAGMA journal_mode")?.["journal_mode"], "wal");
    assert.equal(node.db.get("PRAGMA synchronous")?.["synchronous"], 2, "FULL");
    return Promise.resolve();
  });
});

Deno.test("requests that arrive together share commits", async () => {
  await withServedNode(async ({ node, fetch, dataDir }) => {
    // Longer than the test needs, so that SQLite doesn't begin the log anew meanwhile.
    node.db.get("PRAGMA wal_autocheckpoint = 100000");
    const wal = `${databasePath(dataDir)}-wal`;
    await publishDag(fetch, dagOf({ a: [] }, { dag_id: "first" }));
    const before = walCommits(wal);
    await publishDag(fetch, dagOf({ a: [] }, { dag_id: "alone" }));
    assert.ok(walCommits(wal) > before, "this is how commits are counted");

    const start = walCommits(wal);
    const names = Array.from({ length: 100 }, (_, index) => `d${index}`);
    await Promise.all(names.map((dag_id) => publishDag(fetch, dagOf({ a: [] }, { dag_id }))));
    const commits = walCommits(wal) - start;
    assert.ok(commits <= 20, `${commits} commits for 100 publishes`);
    const { n } = node.db.get<{ n: number }>("SELECT count(*) AS n FROM dag_specs") ?? { n: 0 };
    assert.equal(n, 102);
  });
});

Deno.test("the results of many tasks share commits", async () => {
  await withWorker(async ({ node, fetch, worker, dataDir }) => {
    node.db.get("PRAGMA wal_autocheckpoint = 100000");
    const tasks = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`t${n}`, []]));
    const { run_id } = await startDag(fetch, dagOf(tasks, { max_parallel: 100 }));
    const given = await worker.takeAll();
    assert.equal(given.length, 100);
    const wal = `${databasePath(dataDir)}-wal`;
    const start = walCommits(wal);
    for (const task of given) worker.report([task]);
    await runEnded(node, run_id);
    const commits = walCommits(wal) - start;
    assert.ok(commits <= 50, `${commits} commits for 100 results`);
    assert.equal((await getRun(fetch, run_id)).completed_tasks, 100);
  }, { config: { policy: { defaults: { max_concurrent_tasks: 100 } } } });
});

/** While this is held nothing can be committed, as on a full disk. */
function holdCommits({ node, dataDir }: TestNode): Disposable {
  node.db.get("PRAGMA busy_timeout = 1");
  const other = new DatabaseSync(databasePath(dataDir));
  other.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => other.close() };
}

Deno.test("what can't be committed isn't answered as done, and nothing of it is remembered", async () => {
  await withServedNode(async (test) => {
    const { node, fetch } = test;
    const { spec_hash } = await publishDag(fetch, dagOf({ a: { type: "noop" } }));
    const confirm = (): Promise<Response> =>
      fetch("/api/v1/dag/d/confirm", { method: "POST", body: { spec_hash } });
    {
      using _held = holdCommits(test);
      const answers = await Promise.all([
        confirm(),
        fetch("/api/v1/dag/publish", {
          method: "POST",
          body: dagOf({ a: [] }, { dag_id: "other" }),
        }),
      ]);
      for (const answer of answers) {
        assert.equal(answer.status, 500);
        assert.equal((await answer.json()).code, "internal_error");
      }
    }
    assert.equal(node.specs.load("other"), undefined);
    assert.equal(node.specs.load("d")?.status, "waiting_confirmation");
    assert.equal(node.executor.hasWork("worker-global"), false);
    assert.deepEqual(node.supervisor.list(), []);
    const answer = await confirm();
    assert.equal(answer.status, 200);
    await runEnded(node, (await answer.json()).run_id);
  });
});

Deno.test("a result that can't be committed isn't confirmed to the worker, which says it again", async () => {
  await withWorker(async (test) => {
    const { node, fetch, worker } = test;
    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"] }));
    const a = await worker.take();
    let txn = 0;
    {
      using _held = holdCommits(test);
      txn = worker.report([a], { outputs: { n: 1 } });
      // The node ends the connection: a worker sends what isn't confirmed on the next one.
      await worker.until(() => worker.isClosed);
    }
    assert.ok(!worker.frames.some((frame) => frame.op === "sent" && frame.txn === txn));
    assert.deepEqual(await taskStates(fetch, run_id), { a: "running", b: "pending" });
    await worker.connect();
    await worker.finish(a, { outputs: { n: 1 } });
    const b = await worker.take();
    assert.deepEqual(b.inputs, { a: { n: 1 } });
    await worker.finish(b);
    await runEnded(node, run_id);
    assert.equal((await getRun(fetch, run_id)).status, "completed");
  });
});

Deno.test("what falls due while nothing can be committed stays due", async () => {
  const timer = new ManualTimer();
  await withWorker(async (test) => {
    const { node, fetch, worker, reports } = test;
    const retry = { max_attempts: 2, delay: "5s", jitter: 0 };
    await startDag(fetch, dagOf({ a: { retry } }));
    await worker.fail(await worker.take(), "once");
    {
      using _held = holdCommits(test);
      timer.advance(5_000);
      // Shares the commit of what fell due.
      await assert.rejects(node.db.write(() => {}), /locked/);
      assert.match(reports.at(-1) ?? "", /^run dag-run-\S+: .*locked/);
    }
    timer.advance(1_000);
    assert.equal((await worker.take()).attempt, 2);
  }, { timer });
});
