/** What another node says of a run, brought into the rows here. */
import assert from "node:assert/strict";
import { mirrorRun } from "../../lib/scheduler/mirror_run.ts";
import type { RunView } from "../../lib/schema/api.ts";
import { call, getRun } from "../helpers/test_node.ts";
import { confirmed, HOUR, type ScheduledNode, withSchedules } from "./schedule_fixture.ts";

const FAR = {
  dag_id: "far",
  scope: { type: "global" },
  target_node: "node2",
  tasks: [{ id: "a", command: "true", retry: 3 }],
};

/** How the other node shows the run while its task waits for another attempt. */
function retrying(view: RunView, at: string): RunView {
  const [task] = view.tasks;
  assert.ok(task);
  const attempt = {
    attempt: 1,
    kind: "task" as const,
    status: "failed" as const,
    worker_id: "worker-global",
    started_at: at,
    finished_at: at,
    exit_code: 1,
    error: "broke",
    error_code: "exit",
    late_result: null,
  };
  const later = new Date(Date.parse(at) + HOUR).toISOString();
  return {
    ...view,
    node_id: "node2",
    status: "running",
    started_at: at,
    tasks: [{
      ...task,
      status: "retry_wait",
      retry_at: later,
      error: "broke",
      attempts: [attempt],
    }],
  };
}

async function mirrored(test: ScheduledNode): Promise<{ runId: string; view: RunView }> {
  const runId = await confirmed(test, FAR);
  const at = new Date(test.clock.now()).toISOString();
  const view = retrying(await getRun(test.fetch, runId), at);
  await test.node.db.write((tx) => mirrorRun(tx, test.node, view));
  return { runId, view };
}

Deno.test("a mirrored run shows what the other node says, and nothing falls due here", async () => {
  await withSchedules(async (test) => {
    const { runId } = await mirrored(test);
    const shown = await getRun(test.fetch, runId);
    assert.deepEqual([shown.status, shown.node_id], ["running", "node2"]);
    assert.equal(shown.tasks[0]?.status, "retry_wait");
    assert.equal(shown.tasks[0]?.attempts[0]?.exit_code, 1);
    test.clock.advance(2 * HOUR);
    await test.node.db.write(() => {});
    const { tasks } = await getRun(test.fetch, runId);
    assert.equal(tasks[0]?.status, "retry_wait", "its next attempt is the other node's");
  });
});

Deno.test("a late result and a question of the other node show here, with where to answer it", async () => {
  await withSchedules(async (test) => {
    const { runId, view } = await mirrored(test);
    const [task] = view.tasks;
    const [attempt] = task?.attempts ?? [];
    assert.ok(task && attempt);
    const late_result = {
      ...{ status: "completed" as const, exit_code: 0, error: null, error_code: null },
      ...{ outputs: { a: 1 }, received_at: view.created_at },
    };
    const lost = { ...attempt, status: "lost" as const, late_result };
    const asking: RunView = {
      ...view,
      tasks: [{ ...task, status: "awaiting_decision", retry_at: null, attempts: [lost] }],
    };
    await test.node.db.write((tx) => mirrorRun(tx, test.node, asking));
    const [shown] = (await getRun(test.fetch, runId)).tasks;
    assert.deepEqual(shown?.attempts[0]?.late_result, late_result);
    assert.equal(shown?.waiting?.message, "it waits for a decision at node2");
  });
});

Deno.test("what the other node says after a cancel changes nothing", async () => {
  await withSchedules(async (test) => {
    const { runId, view } = await mirrored(test);
    await call(test.fetch, `/api/v1/runs/${runId}/cancel`, { method: "POST" });
    const before = await getRun(test.fetch, runId);
    assert.equal(before.status, "cancelled");
    const ended: RunView = { ...view, status: "completed", finished_at: view.started_at };
    await test.node.db.write((tx) => mirrorRun(tx, test.node, ended));
    assert.deepEqual(await getRun(test.fetch, runId), before);
  });
});

Deno.test("a run that another node has can't be paused here", async () => {
  await withSchedules(async (test) => {
    const { runId } = await mirrored(test);
    const answer = await test.fetch(`/api/v1/runs/${runId}/pause`, { method: "POST" });
    assert.equal(answer.status, 409);
    assert.match((await answer.json()).detail, /pause it there, or cancel it/);
  });
});
