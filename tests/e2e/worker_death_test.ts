/** Real processes that die: a worker in the middle of a task, a node in the middle of a run. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { EventView } from "../../lib/schema/api.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  waitForEvent,
  withNodeProcess,
} from "../helpers/node_process.ts";

const SCOPE = { type: "project", project_id: "abc" };

Deno.test("a worker killed in the middle of a task: a new one comes up and the run completes", async () => {
  await withNodeProcess(async ({ client }) => {
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "proj-abc-kill",
      scope: SCOPE,
      tasks: [
        // The first attempt waits to be killed, the second one goes through.
        { id: "slow", type: "shell", command: "[ $CIS_ATTEMPT = 1 ] && sleep 60; echo done" },
        { id: "after", type: "shell", command: "echo after", depends_on: ["slow"] },
      ],
    });
    await waitForEvent(client, run_id, (event) => event.type === "task.running");
    const [before] = dataOf(await client.workers()).workers;
    assert.ok(before?.pid);
    Deno.kill(before.pid, "SIGKILL");
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    const slow = run.tasks.find((task) => task.task_id === "slow");
    assert.deepEqual(slow?.attempts.map((attempt) => attempt.status), ["lost", "completed"]);
    assert.match(slow?.attempts[0]?.error ?? "", /SIGKILL/);
    const [after] = dataOf(await client.workers()).workers;
    assert.notEqual(after?.pid, before.pid);
    assert.equal(after?.restarts, 1);
  });
});

Deno.test("a task that is not idempotent fails with its worker and is not run again", async () => {
  await withNodeProcess(async ({ client }) => {
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "proj-abc-once",
      scope: SCOPE,
      tasks: [{ id: "once", type: "shell", command: "sleep 60", idempotent: false }],
    });
    await waitForEvent(client, run_id, (event) => event.type === "task.running");
    Deno.kill(dataOf(await client.workers()).workers[0]?.pid ?? 0, "SIGKILL");
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "failed");
    assert.match(run.error ?? "", /not idempotent/);
    assert.equal(run.tasks[0]?.attempts.length, 1);
  });
});

Deno.test("a node killed in the middle of a run and started again: nothing is lost or done twice", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  let node: NodeProcess | undefined;
  try {
    node = await startNode(dataDir);
    const marks = join(dataDir, "workspaces", "project-abc", "marks");
    const ids = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: "proj-abc-node",
      scope: SCOPE,
      max_parallel: 3,
      env: { MARKS: marks },
      tasks: ids.map((id, index) => ({
        id,
        type: "shell",
        command:
          'sleep 0.1; echo "$CIS_TASK_ID $CIS_ATTEMPT" >> "$MARKS"; echo "{\\"n\\": 1}" > $CIS_OUTPUT',
        depends_on: index < 3 ? [] : [`t${index - 3}`],
      })),
    });
    await waitForEvent(node.client, run_id, (event) => event.type === "task.completed");
    const { port } = new URL(node.url);
    await node.killHard();
    node = await startNode(dataDir, { port: Number(port) });
    const run = await waitForEnd(node.client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.equal(run.completed_tasks, ids.length);
    // The worker outlived its node, so each task was carried out exactly once.
    const lines = (await Deno.readTextFile(marks)).trim().split("\n").sort();
    assert.deepEqual(lines, ids.map((id) => `${id} 1`).sort());
    const completions = await completionsOf(node, run_id);
    assert.deepEqual([...completions].sort(), [...ids].sort());
  } finally {
    await node?.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("node and worker killed together: completed tasks stay completed, the rest is run at once", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  // Nobody waits for a worker whose process is seen to be gone.
  const config = { reconnect_grace_ms: 3_600_000 };
  let node: NodeProcess | undefined;
  try {
    node = await startNode(dataDir, { config });
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: "proj-abc-both",
      scope: SCOPE,
      tasks: [
        { id: "first", type: "shell", command: "echo x=1 > $CIS_OUTPUT" },
        {
          id: "second",
          type: "shell",
          command: "[ $CIS_ATTEMPT = 1 ] && sleep 60; echo x=$CIS_INPUT_FIRST_X > $CIS_OUTPUT",
          depends_on: ["first"],
        },
      ],
    });
    await waitForEvent(
      node.client,
      run_id,
      (event) => event.type === "task.running" && event.task_id === "second",
    );
    const pid = dataOf(await node.client.workers()).workers[0]?.pid ?? 0;
    await node.killHard();
    Deno.kill(pid, "SIGKILL");
    node = await startNode(dataDir, { config });
    const run = await waitForEnd(node.client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    const [first, second] = run.tasks;
    assert.deepEqual(first?.attempts.map((attempt) => attempt.status), ["completed"]);
    assert.deepEqual(second?.attempts.map((attempt) => attempt.status), ["lost", "completed"]);
    assert.deepEqual(second?.outputs, { x: "1" });
  } finally {
    await node?.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
});

async function completionsOf(node: NodeProcess, runId: string): Promise<string[]> {
  const ids: string[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (
    const event of node.client.followRunEvents(runId, { signal }) as AsyncIterable<EventView>
  ) {
    if (event.type === "task.completed" && event.task_id !== null) ids.push(event.task_id);
  }
  return ids;
}
