/** Crashes of real worker processes: started again, given up, remembered. */
import assert from "node:assert/strict";
import { getRun, runEnded, storeShows, type TestNode, withNode } from "../../helpers/test_node.ts";
import { gone } from "../../helpers/child_worker.ts";
import {
  fileText,
  historyOf,
  historyShows,
  pidOf,
  startShell,
  taskRuns,
  WORKER,
} from "../../helpers/worker_watch.ts";

const SLEEP = "sleep 600";

/** Kills the worker in the middle of an attempt. */
async function crash(test: TestNode, runId: string, attempt: number): Promise<void> {
  await taskRuns(test, runId, attempt);
  Deno.kill(pidOf(test), "SIGKILL");
  await storeShows(
    test.node,
    () =>
      test.node.runs.attempts.of(runId).some((one) =>
        one.attempt === attempt && one.status === "lost"
      ),
  );
}

Deno.test("crashes in a row: longer waits, then the end with its reason, and restart begins anew", async () => {
  await withNode(async (test) => {
    const runId = await startShell(test.fetch, SLEEP);
    for (const attempt of [1, 2, 3]) await crash(test, runId, attempt);
    await runEnded(test.node, runId);
    assert.match((await getRun(test.fetch, runId)).error ?? "", /could not be kept.*SIGKILL/);
    const failed = test.node.supervisor.get(WORKER);
    assert.deepEqual([failed.status, failed.restarts, failed.crashesInRow], ["failed", 2, 3]);
    const states = historyOf(test).map((line) => line.split(":", 1)[0]);
    const life = ["starting", "running", "crashed"];
    assert.deepEqual(states, [...life, ...life, ...life, "failed"]);
    assert.match(historyOf(test).at(-1) ?? "", /3 times in a row; at last: .*SIGKILL/);

    const answer = await test.fetch(`/api/v1/workers/${WORKER}/restart`, { method: "POST" });
    assert.equal((await answer.json()).status, "starting");
    await storeShows(test.node, () => test.node.supervisor.get(WORKER).status === "running");
    assert.equal(test.node.supervisor.get(WORKER).crashesInRow, 0);
    assert.equal(test.node.db.get("SELECT crashes_in_row FROM workers")?.crashes_in_row, 0);
  }, { config: { restart_limit: 2 } });
});

Deno.test("neither crashes in a row nor the wait are forgotten when the node is restarted", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    let before = 0;
    await withNode(async (test) => {
      const runId = await startShell(test.fetch, SLEEP);
      for (const attempt of [1, 2, 3, 4]) await crash(test, runId, attempt);
      const worker = test.node.supervisor.get(WORKER);
      assert.equal(worker.crashesInRow, 4);
      before = worker.restartAt ?? 0;
      assert.ok(before > 0, "it waits for its restart");
      // The wait is 3.2 s now, give or take a fifth; the node ends within it.
    }, { dataDir });
    await withNode(async (test) => {
      const worker = test.node.supervisor.get(WORKER);
      assert.equal(worker.crashesInRow, 4);
      await storeShows(test.node, () => test.node.supervisor.get(WORKER).status === "running");
      const started = test.node.workerHistory.entries(WORKER, 1)[0]?.time ?? 0;
      assert.ok(started >= before, `started ${before - started} ms before its time`);
      assert.match(historyOf(test).at(-2) ?? "", /^starting: again, after: .*SIGKILL/);
      assert.equal(test.node.supervisor.get(WORKER).restarts, 4);
    }, { dataDir });
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("a worker that can't even be started is given up with the reason", async () => {
  await withNode(async (test) => {
    // Its temporary directory can't be made any more.
    Object.assign(test.node.config, { data_dir: `${test.dataDir}/cis.db` });
    const runId = await startShell(test.fetch, "true");
    await runEnded(test.node, runId);
    assert.match(historyOf(test).at(-1) ?? "", /^failed: it crashed 1 times in a row; at last: /);
    assert.match((await getRun(test.fetch, runId)).error ?? "", /could not be kept running/);
    Object.assign(test.node.config, { data_dir: test.dataDir });
  }, { config: { restart_limit: 0 } });
});

Deno.test("SIGTERM to a worker: it lets its task finish, takes nothing new, and is replaced", async () => {
  await withNode(async (test) => {
    const gate = `${test.dataDir}/gate`;
    const wait = `until [ -e ${gate} ]; do sleep 0.01; done`;
    const first = await startShell(test.fetch, `echo started > ${gate}.started; ${wait}`);
    await fileText(`${gate}.started`);
    const pid = pidOf(test);
    Deno.kill(pid, "SIGTERM");
    await historyShows(test, /^stopping: it ends by itself: it got SIGTERM$/);
    const second = await startShell(test.fetch, "true");
    Deno.writeTextFileSync(gate, "");
    await Promise.all([runEnded(test.node, first), runEnded(test.node, second)]);
    const runs = [await getRun(test.fetch, first), await getRun(test.fetch, second)];
    assert.deepEqual(runs.map(({ status }) => status), ["completed", "completed"]);
    const attempts = runs.flatMap(({ tasks }) => tasks.map((task) => task.attempts.length));
    assert.deepEqual(attempts, [1, 1], "nothing was cut off or handed out in vain");
    assert.notEqual(pidOf(test), pid);
    assert.equal(test.node.supervisor.get(WORKER).crashesInRow, 0);
    const ended = test.node.workerHistory.entries(WORKER, 10).find((one) =>
      one.status === "stopped"
    );
    assert.match(ended?.lastLines.join("\n") ?? "", /ending since it got SIGTERM; 1 tasks run/);
  });
});

Deno.test("a worker that ignores SIGTERM is killed after its grace, with what its tasks started", async () => {
  await withNode(async (test) => {
    const runId = await startShell(test.fetch, `sleep 601 & echo $! > ${test.dataDir}/pid; wait`);
    await taskRuns(test, runId);
    const child = Number(await fileText(`${test.dataDir}/pid`));
    const pid = pidOf(test);
    Deno.kill(pid, "SIGSTOP");
    test.node.supervisor.stop(WORKER);
    await historyShows(
      test,
      /^stopped: somebody stopped it; it was not done in time and was killed/,
    );
    await gone(pid);
    await gone(child);
  }, { config: { stop_grace_ms: 300 } });
});

Deno.test("a worker with nothing to do ends after a while", async () => {
  await withNode(async (test) => {
    await runEnded(test.node, await startShell(test.fetch, "true"));
    const pid = pidOf(test);
    await historyShows(test, /^stopped: it had nothing to do$/);
    await gone(pid);
  }, { config: { idle_exit_ms: 200 } });
});

Deno.test("whatever a killed worker's tasks have started is gone, also what got away from its group", async () => {
  await withNode(async (test) => {
    const mark = `${test.dataDir}/pid`;
    const escaped = `setsid sh -c 'trap "" TERM HUP; echo $$ > ${mark}; sleep 606; sleep 606' &`;
    const runId = await startShell(
      test.fetch,
      `[ $CIS_ATTEMPT = 1 ] || exit 0; ${escaped} sleep 607`,
    );
    const child = Number(await fileText(mark));
    const { instance } = test.node.supervisor.get(WORKER);
    Deno.kill(pidOf(test), "SIGKILL");
    await runEnded(test.node, runId);
    await gone(child);
    const left = [...Deno.readDirSync(`${test.dataDir}/tmp/${WORKER}`)].map(({ name }) => name);
    assert.ok(!left.includes(instance), "its temporary files");
  });
});
