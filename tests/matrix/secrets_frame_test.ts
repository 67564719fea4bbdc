/** How values of secrets get to workers: by frames that are no events. */
import assert from "node:assert/strict";
import { fakeWorker } from "../helpers/fake_worker.ts";
import { call, startDag, type TestNode, withNode } from "../helpers/test_node.ts";

const VALUE = "correct-horse-battery";

function set(test: TestNode, value: string, scope: string): Promise<unknown> {
  return call(test.fetch, "/api/v1/secrets/TOKEN", { method: "PUT", body: { value, scope } });
}

/** The frames that bring secrets, and where they are among the others. */
function secretsIn(frames: readonly { readonly op: string }[]): unknown[] {
  return frames.filter(({ op }) => op === "secrets")
    .map((frame) => "secrets" in frame ? frame.secrets : undefined);
}

Deno.test("a worker is told its scope's secrets when it connects, before anything else", async () => {
  await withNode(async (test) => {
    await set(test, VALUE, "project:abc");
    await set(test, "of another scope", "project:x");
    await using worker = await fakeWorker(test.node, "project:abc");
    assert.deepEqual(worker.frames.map(({ op }) => op).slice(0, 2), ["welcome", "secrets"]);
    assert.deepEqual(secretsIn(worker.frames), [{ TOKEN: VALUE }]);
    await worker.disconnect();
    await set(test, "set meanwhile", "project:abc");
    worker.frames.length = 0;
    await worker.connect();
    assert.deepEqual(secretsIn(worker.frames), [{ TOKEN: "set meanwhile" }]);
  });
});

Deno.test("a change is told to workers that are up, before the tasks that come later", async () => {
  await withNode(async (test) => {
    await using worker = await fakeWorker(test.node, "project:abc");
    worker.frames.length = 0;
    await set(test, VALUE, "project:abc");
    await startDag(test.fetch, {
      dag_id: "a",
      scope: { type: "project", project_id: "abc" },
      tasks: [{ id: "t", type: "shell", command: "true", secrets: ["TOKEN"] }],
    });
    const task = await worker.take();
    assert.deepEqual(worker.frames.map(({ op }) => op), ["secrets", "events"]);
    assert.deepEqual(secretsIn(worker.frames), [{ TOKEN: VALUE }]);
    assert.deepEqual(task.secrets, ["TOKEN"]);
    assert.ok(!JSON.stringify(task).includes(VALUE));
    worker.frames.length = 0;
    await call(test.fetch, "/api/v1/secrets/TOKEN?scope=project:abc", { method: "DELETE" });
    await worker.until(() => worker.frames.length > 0);
    assert.deepEqual(secretsIn(worker.frames), [{}]);
  });
});

Deno.test("secrets that can't be decrypted are told of, and the worker works without them", async () => {
  await withNode(async (test) => {
    await set(test, VALUE, "project:abc");
    Deno.removeSync(`${test.dataDir}/secret.key`);
    await using worker = await fakeWorker(test.node, "project:abc");
    assert.deepEqual(secretsIn(worker.frames), [{}]);
    assert.match(test.reports.join("\n"), /secret\.key, is gone: put it back/);
  });
});
