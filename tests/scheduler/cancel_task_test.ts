/** What is said to who cancels a task that can't be cancelled. */
import assert from "node:assert/strict";
import { call, runEnded, startDag, type TestFetch } from "../helpers/test_node.ts";
import { act, dagOf, taskStates, withWorker } from "../helpers/with_worker.ts";

/** Cancels a task. @returns its state, or the code of the refusal */
async function cancel(fetch: TestFetch, runId: string, taskId: string): Promise<string> {
  const answer = await fetch(`/api/v1/runs/${runId}/tasks/${taskId}/cancel`, { method: "POST" });
  const { code, status } = await answer.json() as { code?: string; status: string };
  return code ?? status;
}

Deno.test("a task is cancelled once; one that has ended, or isn't there, is not", async () => {
  await withWorker(async ({ node, fetch, worker }) => {
    const { run_id } = await startDag(fetch, dagOf({ done: [], runs: [], waits: ["runs"] }));
    const done = (await worker.takeAll()).find(({ task_id }) => task_id === "done");
    assert.ok(done);
    await worker.finish(done);
    assert.equal(await cancel(fetch, run_id, "done"), "invalid_state");
    assert.equal(await cancel(fetch, run_id, "nowhere"), "task_not_found");
    assert.equal(await cancel(fetch, "dag-run-nowhere", "done"), "run_not_found");
    assert.equal(await cancel(fetch, run_id, "waits"), "cancelled");
    assert.equal(await cancel(fetch, run_id, "waits"), "cancelled", "twice is once");
    const events = node.db.all("SELECT 1 FROM events WHERE type = 'task.cancelled'");
    assert.equal(events.length, 1);
    await act(fetch, run_id, "cancel");
    await runEnded(node, run_id);
    assert.equal(await cancel(fetch, run_id, "runs"), "run_finished");
    assert.equal((await taskStates(fetch, run_id))["done"], "completed");
  });
});

Deno.test("of a run that has not started no task is cancelled", async () => {
  await withWorker(async ({ fetch, worker }) => {
    await startDag(fetch, dagOf({ a: [] }, { max_active_runs: 1 }));
    await worker.take();
    const again = { method: "POST" };
    const { run_id } = await call<{ run_id: string }>(fetch, "/api/v1/dag/d/run", again);
    assert.equal(await cancel(fetch, run_id, "a"), "invalid_state");
    assert.equal((await taskStates(fetch, run_id))["a"], "pending");
  });
});
