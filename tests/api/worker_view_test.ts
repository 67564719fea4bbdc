/** What is told of a worker's process is told only while there is one. */
import assert from "node:assert/strict";
import { workerView } from "../../lib/api/worker_view.ts";
import { isUp } from "../../lib/worker/worker_machine.ts";
import { WORKER_STATES } from "../../lib/schema/state_tables.ts";
import { fakeWorker } from "../helpers/fake_worker.ts";
import { withServedNode } from "../helpers/test_node.ts";

Deno.test("a worker whose process has ended has no pid, no memory and no tasks", async () => {
  await withServedNode(async ({ node }) => {
    await using worker = await fakeWorker(node, "global");
    const [snapshot] = node.supervisor.list();
    assert.ok(snapshot !== undefined && snapshot.pid === worker.pid);
    for (const status of WORKER_STATES) {
      const view = workerView({ ...snapshot, status, rss: 5, cpuMs: 6, activeTasks: 2 });
      assert.deepEqual(
        [view.pid, view.rss, view.cpu_ms, view.active_tasks],
        isUp({ status }) ? [worker.pid, 5, 6, 2] : [null, null, null, 0],
        status,
      );
    }
  });
});
