/** What becomes of attempts that their worker never got, when the policy has changed meanwhile. */
import assert from "node:assert/strict";
import { fakeWorker } from "../helpers/fake_worker.ts";
import { getRun, runEnded, startDag, storeShows, withNode } from "../helpers/test_node.ts";

Deno.test("an attempt that never reached its worker isn't sent again against the policy", async () => {
  await withNode(async ({ node, fetch }) => {
    await using worker = await fakeWorker(node, "global");
    const retry = { max_attempts: 5, delay: "1ms" };
    const { run_id } = await startDag(fetch, {
      dag_id: "d",
      tasks: [{ id: "a", command: "true", retry }],
    });
    await storeShows(node, () => node.runs.attempts.runningOn(worker.id).length === 1);
    await worker.disconnect();
    node.policies.replace({ defaults: { task_types: ["noop"] } }, []);
    // It comes back and holds nothing: what it was sent is lost.
    worker.held.clear();
    await worker.connect();
    await runEnded(node, run_id);
    const [task] = (await getRun(fetch, run_id)).tasks;
    assert.equal(task?.status, "failed");
    assert.match(task?.error ?? "", /^not_permitted: tasks of type shell are not allowed/);
    assert.deepEqual(task?.attempts.map(({ status, error_code }) => [status, error_code]), [
      ["lost", "not_permitted"],
    ]);
  });
});
