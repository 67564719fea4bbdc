/** What goes when, and what never goes. */
import assert from "node:assert/strict";
import { call, publishDag, startDag, storeShows, withServedNode } from "../helpers/test_node.ts";
import { FakeClock } from "../helpers/fake_clock.ts";
import { fakeWorker } from "../helpers/fake_worker.ts";
import { confirmed, ending, HOUR, type ScheduledNode, withSchedules } from "./schedule_fixture.ts";

const DAY = 24 * HOUR;

/** Begins a run that fails at once, and lets a day pass. */
async function runADay(test: ScheduledNode): Promise<string> {
  const { run_id } = await call<{ run_id: string }>(test.fetch, "/api/v1/dag/d/run", {
    method: "POST",
  });
  test.clock.jump(DAY);
  return run_id;
}

function left({ node }: ScheduledNode): string[] {
  return node.runs.list({ limit: 1_000 }).map(({ run_id }) => run_id).reverse();
}

async function sixDays(test: ScheduledNode): Promise<string[]> {
  const runs = [await confirmed(test, ending(undefined))];
  test.clock.jump(DAY);
  for (let day = 1; day < 6; day++) runs.push(await runADay(test));
  return runs;
}

/** Gives a run a line of output. */
async function keepLine({ node }: ScheduledNode, runId: string): Promise<void> {
  await node.db.write((tx) =>
    node.db.run(
      `INSERT INTO log_chunks (lines, run_id, task_id, attempt, first_line, worker_id, kept_at, time,
         runs, text) VALUES (1, ?, 'a', 1, 1, 'w', ?, ?, '[[0,1,0]]', 'hello')`,
      runId,
      tx.now,
      tx.now,
    )
  );
}

Deno.test("retention_days: what ended longer ago goes, with its events, tasks and logs", async () => {
  await withSchedules(async (test) => {
    const runs = await sixDays(test);
    for (const run_id of runs) await keepLine(test, run_id);
    assert.equal(await test.node.pruner.runOnce(), 2);
    assert.deepEqual(left(test), runs.slice(2));
    for (const table of ["task_runs", "events", "log_chunks", "dag_runs"]) {
      const found = test.node.db.all<{ run_id: string | null }>(`SELECT run_id FROM ${table}`);
      const gone = found.filter(({ run_id }) => runs.slice(0, 2).includes(run_id ?? ""));
      assert.deepEqual(gone, [], table);
    }
    assert.deepEqual(test.node.db.all("PRAGMA foreign_key_check"), []);
    assert.equal(await test.node.pruner.runOnce(), 0);
    test.clock.jump(30 * DAY);
    await test.node.pruner.runOnce();
    assert.deepEqual(left(test), []);
    assert.equal(test.node.specs.inForce("d")?.version, 1, "the version in force stays");
  }, { config: { retention_days: 4.5 } });
});

Deno.test("keep_runs_per_dag: the newest of each DAG stay, alone and whatever their age", async () => {
  await withSchedules(async (test) => {
    const runs = await sixDays(test);
    const other = await confirmed(test, ending(undefined, { dag_id: "other" }));
    assert.equal(await test.node.pruner.runOnce(), 4);
    assert.deepEqual(left(test), [...runs.slice(4), other]);
  }, { config: { keep_runs_per_dag: 2 } });
  await withSchedules(async (test) => {
    const runs = await sixDays(test);
    await test.node.pruner.runOnce();
    assert.deepEqual(left(test), runs.slice(3), "each rule has to let a run go");
    test.clock.jump(30 * DAY);
    await test.node.pruner.runOnce();
    assert.deepEqual(left(test), runs.slice(3));
  }, { config: { retention_days: 1, keep_runs_per_dag: 3 } });
});

Deno.test("an open run never goes, and a run that repeats a pruned one stays", async () => {
  const clock = new FakeClock();
  await withServedNode(async ({ node, fetch }) => {
    await using worker = await fakeWorker(node, "global");
    const doc = { dag_id: "d", scope: { type: "global" }, tasks: [{ id: "a", command: "true" }] };
    const first = await startDag(fetch, doc);
    await worker.fail(await worker.take(), "broke");
    await storeShows(node, () => node.runs.open().length === 0);
    clock.jump(10 * DAY);
    const retry = await call<{ run_id: string }>(fetch, `/api/v1/runs/${first.run_id}/retry`, {
      method: "POST",
    });
    clock.jump(10 * DAY);
    assert.equal(await node.pruner.runOnce(), 1);
    assert.equal(node.runs.load(first.run_id), undefined);
    assert.equal(node.runs.load(retry.run_id)?.retry_of, null);
    await worker.finish(await worker.take());
    await storeShows(node, () => node.runs.load(retry.run_id)?.status === "completed");
  }, { config: { retention_days: 1 }, timer: clock });
});

Deno.test("old versions go once nobody can run them; in force, waiting and newest ones stay", async () => {
  await withSchedules(async (test) => {
    const doc = (n: number): object => ending(undefined, { description: String(n) });
    await publishDag(test.fetch, doc(1));
    await confirmed(test, doc(2));
    await publishDag(test.fetch, doc(3));
    await publishDag(test.fetch, doc(4));
    test.clock.advance(10 * DAY);
    await storeShows(test.node, () => test.node.specs.load("d")?.status === "expired");
    await publishDag(test.fetch, doc(5));
    test.clock.jump(2 * DAY);
    await test.node.pruner.runOnce();
    const versions = test.node.specs.versions("d", { before: 100, limit: 100 });
    assert.deepEqual(versions.map(({ version, status }) => `${version} ${status}`), [
      "5 waiting_confirmation",
      "2 confirmed",
    ]);
  }, { config: { retention_days: 1 } });
});

Deno.test("it prunes by itself, at the start and every hour", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending(undefined));
    test.clock.jump(2 * DAY);
    test.clock.advance(2 * HOUR);
    await storeShows(test.node, () => test.node.runs.list({ limit: 1 }).length === 0);
  }, { config: { retention_days: 1 } });
});

Deno.test("without a setting nothing ever goes", async () => {
  await withSchedules(async (test) => {
    const run = await confirmed(test, ending(undefined));
    test.clock.advance(1_000 * DAY);
    assert.deepEqual(left(test), [run]);
  });
});
