/** Workers whose command has changed: replaced, but never under a task. */
import assert from "node:assert/strict";
import { getRun, runEnded, storeShows, type TestNode, withNode } from "../../helpers/test_node.ts";
import {
  historyOf,
  historyShows,
  pidOf,
  startShell,
  taskRuns,
  WORKER,
} from "../../helpers/worker_watch.ts";

/** Changes what workers are started with, as a new policy would. */
function change({ node }: TestNode): void {
  const { max_concurrent_tasks } = node.policies.of({ type: "global" });
  const defaults = { max_concurrent_tasks: max_concurrent_tasks + 1 };
  node.policies.replace({ defaults }, []);
}

Deno.test("a changed worker finishes its task, new tasks wait for the process that takes its place", async () => {
  await withNode(async (test) => {
    const gate = `${test.dataDir}/gate`;
    const first = await startShell(test.fetch, `until [ -e ${gate} ]; do sleep 0.01; done`);
    await taskRuns(test, first);
    const pid = pidOf(test);
    assert.deepEqual(test.node.supervisor.refresh(), [], "nothing has changed so far");
    change(test);
    assert.deepEqual(test.node.supervisor.refresh([WORKER]), [WORKER]);
    assert.equal(test.node.supervisor.get(WORKER).status, "running", "it may finish");
    const second = await startShell(test.fetch, "echo n=$PPID > $CIS_OUTPUT");
    const waiting = await getRun(test.fetch, second);
    assert.match(
      waiting.waiting?.message ?? "",
      /until its worker is replaced: its policy has changed/,
    );
    assert.deepEqual(waiting.tasks[0]?.status, "ready");
    Deno.writeTextFileSync(gate, "");
    await Promise.all([runEnded(test.node, first), runEnded(test.node, second)]);
    const runs = [await getRun(test.fetch, first), await getRun(test.fetch, second)];
    const attempts = runs.map(({ tasks }) => tasks[0]?.attempts.map(({ status }) => status));
    assert.deepEqual(attempts, [["completed"], ["completed"]]);
    assert.deepEqual(runs[1]?.tasks[0]?.outputs, { n: String(pidOf(test)) });
    assert.notEqual(pidOf(test), pid);
    assert.deepEqual(historyOf(test).slice(2, 5), [
      "stopping: its policy has changed",
      "stopped: its policy has changed",
      "starting: it was ended and is wanted: its policy has changed",
    ]);
  });
});

Deno.test("an idle worker is replaced at once, one that isn't meant is left alone", async () => {
  await withNode(async (test) => {
    for (const project of ["abc", "other"]) {
      await runEnded(test.node, await startShell(test.fetch, "true", { project }));
    }
    const other = pidOf(test, "worker-project-other");
    change(test);
    const replaced = test.node.supervisor.refresh(({ scope }) =>
      scope.type === "project" && scope.project_id === "abc"
    );
    assert.deepEqual(replaced, [WORKER]);
    await historyShows(test, /^stopped: its policy has changed$/);
    await storeShows(test.node, () => test.node.supervisor.get(WORKER).status === "running");
    assert.equal(pidOf(test, "worker-project-other"), other);
    assert.deepEqual(test.node.supervisor.refresh([WORKER]), [], "the new one is as it should be");
  });
});
