/** Real workers that stop answering, and nodes that stop listening. */
import assert from "node:assert/strict";
import { dataOf } from "../../../lib/api/client.ts";
import { gone } from "../../helpers/child_worker.ts";
import { fakeWorker } from "../../helpers/fake_worker.ts";
import {
  publishAndConfirm,
  waitForEnd,
  waitForEvent,
  withNodeProcess,
} from "../../helpers/node_process.ts";
import { getRun, runEnded, withNode } from "../../helpers/test_node.ts";
import {
  fileText,
  historyOf,
  historyShows,
  pidOf,
  startShell,
  WORKER,
} from "../../helpers/worker_watch.ts";

const QUICK = { heartbeat_ms: 100, hung_after_ms: 500 };

Deno.test("a worker that stands still is killed with what its task started, and its attempt is rescued", async () => {
  await withNode(async (test) => {
    const mark = `${test.dataDir}/child`;
    const once = `[ $CIS_ATTEMPT = 1 ] || exit 0; sleep 602 & echo $! > ${mark}; wait`;
    const runId = await startShell(test.fetch, once);
    const child = Number(await fileText(mark));
    const pid = pidOf(test);
    Deno.kill(pid, "SIGSTOP");
    await runEnded(test.node, runId);
    const run = await getRun(test.fetch, runId);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.deepEqual(run.tasks[0]?.attempts.map(({ status }) => status), ["lost", "completed"]);
    assert.match(run.tasks[0]?.attempts[0]?.error ?? "", /did not answer for 500 ms/);
    assert.ok(historyOf(test).includes("crashed: it did not answer for 500 ms, so it was killed"));
    await gone(pid);
    await gone(child);
    assert.notEqual(pidOf(test), pid);
  }, { config: QUICK });
});

Deno.test("a worker whose process lives and whose connection stands, but that says nothing, is killed", async () => {
  await withNode(async (test) => {
    await using silent = await fakeWorker(test.node, "project:abc");
    await historyShows(test, /^crashed: it did not answer/);
    await gone(silent.pid);
  }, { config: QUICK });
});

Deno.test("a worker that says anything at all is left alone", async () => {
  await withNode(async (test) => {
    await using busy = await fakeWorker(test.node, "project:abc");
    await using silent = await fakeWorker(test.node, "project:other");
    const timer = setInterval(() => busy.send("io.cis.task.log", { logs: [] }), 50);
    // The other one is the measure of time: its end shows that the time was over.
    await historyShows(test, /^crashed: it did not answer/, silent.id);
    clearInterval(timer);
    assert.deepEqual(historyOf(test, busy.id).at(-1), "running: it is ready");
  }, { config: QUICK });
});

Deno.test("a node that was stopped for long doesn't hold that against its workers", async () => {
  await withNodeProcess(async (node) => {
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: "proj-abc-stopped",
      scope: { type: "project", project_id: "abc" },
      tasks: [{ id: "long", type: "shell", command: "sleep 3" }],
    });
    await waitForEvent(node.client, run_id, (event) => event.type === "task.running");
    const before = dataOf(await node.client.worker(WORKER));
    Deno.kill(node.pid, "SIGSTOP");
    try {
      // That it stands still for longer than a worker may is what this is about.
      await new Promise((resolve) => setTimeout(resolve, 4 * QUICK.hung_after_ms));
    } finally {
      Deno.kill(node.pid, "SIGCONT");
    }
    const run = await waitForEnd(node.client, run_id);
    assert.deepEqual(run.tasks[0]?.attempts.map(({ status }) => status), ["completed"]);
    const after = dataOf(await node.client.worker(WORKER));
    assert.deepEqual([after.pid, after.restarts], [before.pid, 0]);
    assert.deepEqual(after.history.map(({ status }) => status), ["running", "starting"]);
    assert.ok(after.samples.length > 0 && (after.cpu_ms ?? 0) > 0, "it was measured meanwhile");
  }, { config: QUICK });
});

Deno.test("workers of a node that stands still for too long end themselves, and it goes on with others", async () => {
  await withNodeProcess(async (node) => {
    const { run_id } = await publishAndConfirm(node.client, {
      dag_id: "proj-abc-frozen",
      scope: { type: "project", project_id: "abc" },
      tasks: [{ id: "long", type: "shell", command: "[ $CIS_ATTEMPT = 2 ] || sleep 606" }],
    });
    await waitForEvent(node.client, run_id, (event) => event.type === "task.running");
    const { pid } = dataOf(await node.client.worker(WORKER));
    Deno.kill(node.pid, "SIGSTOP");
    try {
      await gone(pid ?? 0);
    } finally {
      Deno.kill(node.pid, "SIGCONT");
    }
    const run = await waitForEnd(node.client, run_id);
    assert.deepEqual(run.tasks[0]?.attempts.map(({ status }) => status), ["lost", "completed"]);
  }, { config: { ...QUICK, orphan_grace_ms: 300 } });
});
