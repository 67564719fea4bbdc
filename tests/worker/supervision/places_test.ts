/** As many workers as there may be, and one run more. */
import assert from "node:assert/strict";
import { getRun, runEnded, storeShows, withNode } from "../../helpers/test_node.ts";
import { call } from "../../helpers/test_node.ts";
import { historyShows, pidOf, startShell, taskRuns } from "../../helpers/worker_watch.ts";

const id = (project: string): string => `worker-project-${project}`;

Deno.test("at the limit the longest idle worker ends for a run that needs another", async () => {
  await withNode(async (test) => {
    for (const project of ["a", "b"]) {
      await runEnded(test.node, await startShell(test.fetch, "true", { project }));
    }
    const kept = pidOf(test, id("b"));
    await runEnded(test.node, await startShell(test.fetch, "true", { project: "c" }));
    await historyShows(
      test,
      /^stopped: it was idle, and worker-project-c needs its place$/,
      id("a"),
    );
    assert.equal(pidOf(test, id("b")), kept);
    assert.equal(test.node.supervisor.get(id("b")).status, "running");
  }, { config: { max_workers: 2 } });
});

Deno.test("busy workers are never ended for others: the run waits, says why, and goes on", async () => {
  await withNode(async (test) => {
    const gate = `${test.dataDir}/gate`;
    const wait = `until [ -e ${gate} ]; do sleep 0.01; done`;
    const busy = [];
    for (const project of ["a", "b"]) {
      busy.push(await startShell(test.fetch, wait, { project }));
      await taskRuns(test, busy.at(-1) ?? "");
    }
    const late = await startShell(test.fetch, "true", { project: "c" });
    const reason = "waits for a place: 2 workers are running, the limit is 2";
    const run = await getRun(test.fetch, late);
    assert.deepEqual([run.status, run.waiting], ["running", {
      code: "waits_for_worker",
      message: reason,
    }]);
    const { blockers, advice } = await call<{ blockers: unknown; advice: string[] }>(
      test.fetch,
      `/api/v1/dag/${run.dag_id}/analyze`,
      { method: "POST" },
    );
    assert.deepEqual(blockers, [{ task_id: null, code: "waits_for_worker", message: reason }]);
    assert.match(advice[0] ?? "", /max_workers/);
    const refused = await test.fetch("/api/v1/workers", {
      method: "POST",
      body: { scope: { type: "global" } },
    });
    assert.equal((await refused.json()).code, "worker_limit");

    Deno.writeTextFileSync(gate, "");
    for (const runId of [...busy, late]) await runEnded(test.node, runId);
    assert.equal((await getRun(test.fetch, late)).waiting, null);
    for (const runId of busy) {
      const [task] = (await getRun(test.fetch, runId)).tasks;
      assert.deepEqual(task?.attempts.map(({ status }) => status), ["completed"]);
    }
  }, { config: { max_workers: 2 } });
});

Deno.test("a run that is cancelled while it waits takes no place", async () => {
  await withNode(async (test) => {
    const gate = `${test.dataDir}/gate`;
    const busy = await startShell(test.fetch, `until [ -e ${gate} ]; do sleep 0.01; done`);
    await taskRuns(test, busy);
    const first = await startShell(test.fetch, "true", { project: "first" });
    const second = await startShell(test.fetch, "true", { project: "second" });
    await call(test.fetch, `/api/v1/runs/${first}/cancel`, { method: "POST" });
    Deno.writeTextFileSync(gate, "");
    await runEnded(test.node, second);
    await storeShows(test.node, () => test.node.supervisor.get(id("second")).status === "running");
    assert.equal(test.node.supervisor.get(id("first")).status, "stopped");
    assert.deepEqual(test.node.workerHistory.entries(id("first"), 10), [], "it never was started");
  }, { config: { max_workers: 1 } });
});
