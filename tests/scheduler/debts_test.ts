/** Debts, rollback and the cancel of one task, through a real node. */
import assert from "node:assert/strict";
import type { DebtAnswer, DebtList } from "../../lib/schema/debt.ts";
import { resolveDebt } from "../../lib/scheduler/resolve_debt.ts";
import type { Role } from "../../lib/schema/roles.ts";
import type { TestFetch } from "../helpers/test_node.ts";
import { call, getRun, runEnded, startDag, tokenIdOf } from "../helpers/test_node.ts";
import { act, dagOf, ids, taskStates, withWorker } from "../helpers/with_worker.ts";

const IGNORABLE = { on_failure: "ignorable" };

function debtsOf(fetch: TestFetch, query = ""): Promise<DebtList> {
  return call(fetch, `/api/v1/debts${query}`);
}

async function resolve(fetch: TestFetch, debtId: string, body: object): Promise<Response> {
  return await fetch(`/api/v1/debts/${debtId}/resolve`, { method: "POST", body });
}

Deno.test("an ignorable failure is a debt in the list, and what comes after goes on without its outputs", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: IGNORABLE, ok: [], b: ["a", "ok"] }));
    const [a, ok] = await worker.takeAll();
    assert.ok(a && ok);
    await worker.fail(a, "no luck");
    await worker.finish(ok, { outputs: { n: 1 } });
    const b = await worker.take();
    assert.deepEqual(b.inputs, { ok: { n: 1 } });
    await worker.finish(b);
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.deepEqual([run.status, run.error], ["completed", null]);
    const { debts } = await debtsOf(fetch, "?status=open");
    assert.deepEqual(debts, run.debts);
    assert.deepEqual(
      debts.map(({ run_id, task_id, error, status }) => [run_id, task_id, error, status]),
      [[run_id, "a", "no luck", "open"]],
    );
  });
});

Deno.test("a debt is resolved with a reason alone, once", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: IGNORABLE }));
    await worker.fail(await worker.take(), "no luck");
    await runEnded(node, run_id);
    const [debt] = (await debtsOf(fetch)).debts;
    assert.ok(debt);
    const bare = await resolve(fetch, debt.debt_id, {});
    assert.equal(bare.status, 400, "a reason is needed");
    await bare.body?.cancel();
    const page = await (await fetch(`/runs/${run_id}`)).text();
    assert.ok(
      page.includes(`action="/debts/${debt.debt_id}/resolve"`),
      "the run's page has a form",
    );
    const done = await (await resolve(fetch, debt.debt_id, { reason: "done by hand" })).json();
    assert.equal((done as DebtAnswer).status, "resolved");
    const again = await resolve(fetch, debt.debt_id, { reason: "once more" });
    assert.equal((await again.json() as { code: string }).code, "already_decided");
    const [row] = (await debtsOf(fetch, `?status=resolved&run=${run_id}`)).debts;
    assert.deepEqual([row?.resolved_by, row?.reason, row?.resumed_by_run], [
      ...["admin", "done by hand", null],
    ]);
    assert.equal(node.runs.list({ limit: 10 }).length, 1, "nothing runs again");
  });
});

Deno.test("who may not decide resolves no debt, without any route's help, and begins no run", async () => {
  await withWorker(async ({ node, fetch, worker, as }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: IGNORABLE }));
    await worker.fail(await worker.take(), "no luck");
    await runEnded(node, run_id);
    const [{ debt_id } = assert.fail("no debt")] = (await debtsOf(fetch)).debts;
    const tokens: [code: string, roles: Role[], scopes?: string[]][] = [
      ["forbidden", ["viewer"]],
      ["forbidden", ["publisher", "node"]],
      ["scope_not_allowed", ["approver"], ["project:abc"]],
      ["unauthenticated", ["admin"]],
    ];
    for (const [code, roles, scopes] of tokens) {
      const by = tokenIdOf(node, await as(roles, scopes === undefined ? {} : { scopes }));
      if (code === "unauthenticated") await node.db.write((tx) => node.tokens.revoke(tx, by));
      for (const resume of [false, true]) {
        const order = { debtId: debt_id, by, reason: "mine", resume };
        await assert.rejects(node.db.write((tx) => resolveDebt(tx, node, order)), { code });
      }
    }
    assert.equal((await debtsOf(fetch, "?status=open")).debts.length, 1);
    assert.equal(node.runs.list({ limit: 10 }).length, 1, "and nothing was begun");
  });
});

Deno.test("resolved with resume, the task runs again in a new run that keeps all else", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: IGNORABLE, b: ["a"], other: IGNORABLE }),
    );
    for (const task of await worker.takeAll()) await worker.fail(task, "no luck");
    await worker.finish(await worker.take(), { outputs: { kept: true } });
    await runEnded(node, run_id);
    const { debts } = await debtsOf(fetch);
    assert.equal(debts.length, 2);
    const debt = debts.find(({ task_id }) => task_id === "a");
    assert.ok(debt);
    const answer = await resolve(fetch, debt.debt_id, { reason: "it is back up", resume: true });
    const { run_id: next } = await answer.json() as DebtAnswer;
    assert.ok(next);
    const again = await worker.take();
    assert.deepEqual([again.task_id, again.run_id, worker.waiting], ["a", next, 0]);
    await worker.finish(again);
    await runEnded(node, next);
    const run = await getRun(fetch, next);
    assert.deepEqual([run.status, run.retry_of, run.triggered_by], ["completed", run_id, "debt"]);
    assert.deepEqual(await taskStates(fetch, next), {
      a: "completed",
      b: "completed",
      other: "debt",
    });
    assert.deepEqual(run.tasks[1]?.outputs, { kept: true });
    const open = (await debtsOf(fetch, "?status=open")).debts;
    assert.deepEqual(open.map(({ task_id, run_id }) => [task_id, run_id]), [["other", run_id]]);
  });
});

Deno.test("a debt of a run that goes on, or has failed, is not resumed but left to its end or its retry", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: IGNORABLE, b: [] }));
    const [a, b] = await worker.takeAll();
    assert.ok(a && b);
    await worker.fail(a, "no luck");
    const [debt] = (await debtsOf(fetch)).debts;
    assert.ok(debt);
    const codeOf = async (): Promise<string> => {
      const answer = await resolve(fetch, debt.debt_id, { reason: "x", resume: true });
      return (await answer.json() as { code: string }).code;
    };
    assert.equal(await codeOf(), "run_not_finished");
    await worker.fail(b, "no");
    await runEnded(node, run_id);
    assert.equal(await codeOf(), "invalid_state");
    const retried = await act(fetch, run_id, "retry");
    assert.deepEqual(ids(await worker.takeAll()), ["a", "b"]);
    const [settled] = (await debtsOf(fetch)).debts;
    assert.deepEqual([settled?.status, settled?.resumed_by_run], ["resolved", retried.run_id]);
  });
});

Deno.test("a failed run rolls back what it did as attempts of their own, and ends after that", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const undo = { rollback: ["drop table", "rm -rf it"], cwd: "sub", timeout: "30s" };
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: undo, b: { depends_on: ["a"], rollback: ["undo b"] }, c: ["b"] }),
    );
    await worker.finish(await worker.take(), { outputs: { id: "x1" } });
    await worker.finish(await worker.take());
    await worker.fail(await worker.take(), "it broke");
    const b = await worker.take();
    assert.deepEqual([b.task_id, b.attempt, b.timeout_ms], ["b", 2, 300_000]);
    assert.deepEqual(b.work, { type: "shell", command: "set -e\nundo b" });
    assert.equal(worker.waiting, 0, "one at a time");
    assert.equal((await getRun(fetch, run_id)).status, "running");
    await worker.fail(b, "stuck");
    const a = await worker.take();
    assert.deepEqual(a.work, {
      type: "shell",
      command: "set -e\ndrop table\nrm -rf it",
      cwd: "sub",
    });
    assert.deepEqual([a.timeout_ms, a.inputs], [30_000, { a: { id: "x1" } }]);
    await worker.finish(a, { outputs: { not: "the task's" } });
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.deepEqual(
      run.tasks.map(({ status, rollback, attempts }) => [
        ...[status, rollback],
        ...attempts.map(({ kind, status }) => `${kind} ${status}`),
      ]),
      [
        ["completed", "done", "task completed", "rollback completed"],
        ["completed", "failed", "task completed", "rollback failed"],
        ["failed", null, "task failed"],
      ],
    );
    assert.deepEqual(run.tasks[0]?.outputs, { id: "x1" });
    assert.equal(
      run.error,
      'task "c" failed: it broke; 1 task was rolled back; rolling back "b" failed: stuck',
    );
  });
});

Deno.test("a rollback goes on after a restart of the worker's connection and a late result counts once", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ a: { rollback: ["undo"] }, b: ["a"] }));
    await worker.finish(await worker.take());
    await worker.fail(await worker.take(), "it broke");
    const undo = await worker.take();
    await worker.finish(undo, { status: "cancelled", exit_code: null });
    const again = await worker.take();
    assert.deepEqual([again.task_id, again.attempt], ["a", 3]);
    await worker.finish(undo);
    assert.equal((await getRun(fetch, run_id)).status, "running", "the old lease changes nothing");
    await worker.finish(again);
    await runEnded(node, run_id);
    assert.match((await getRun(fetch, run_id)).error ?? "", /1 task was rolled back$/);
  });
});

Deno.test("cancelling one task calls it off; the rest of the run goes on", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(
      fetch,
      dagOf({ a: [], b: ["a"], c: { depends_on: ["a"], run_if: "all_done" } }),
    );
    const a = await worker.take();
    const path = `/api/v1/runs/${run_id}/tasks/a/cancel`;
    const answer = await call<{ status: string }>(fetch, path, { method: "POST" });
    assert.equal(answer.status, "cancelled");
    const c = await worker.take();
    assert.equal(c.task_id, "c");
    assert.deepEqual(worker.cancelled, [a.lease]);
    await worker.finish(a);
    assert.equal(
      (await call<{ status: string }>(fetch, path, { method: "POST" })).status,
      "cancelled",
    );
    await worker.finish(c);
    await runEnded(node, run_id);
    const run = await getRun(fetch, run_id);
    assert.deepEqual(await taskStates(fetch, run_id), {
      a: "cancelled",
      b: "skipped",
      c: "completed",
    });
    assert.equal(run.error, 'task "a" was cancelled by admin; 1 task was skipped');
    assert.equal(run.tasks[0]?.attempts[0]?.status, "cancelled");
    for (const [task, code] of [["c", "run_finished"], ["none", "task_not_found"]] as const) {
      const refused = await fetch(`/api/v1/runs/${run_id}/tasks/${task}/cancel`, {
        method: "POST",
      });
      assert.equal((await refused.json() as { code: string }).code, code);
    }
  });
});
