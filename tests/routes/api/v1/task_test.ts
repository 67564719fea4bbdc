/** Single tasks: issued, confirmed like any DAG, followed to their end. */
import assert from "node:assert/strict";
import { runEnded } from "../../../helpers/test_node.ts";
import { allPages, dagOf, expectProblem, getJson, withApi } from "./api_fixture.ts";

const SCOPE = { type: "project", project_id: "abc" };

function post(body: object): { method: string; body: object } {
  return { method: "POST", body };
}

Deno.test("an issued task waits, runs once it is confirmed, and tells how it ended", async () => {
  await withApi(async ({ fetch, node, worker }) => {
    const body = { id: "tidy", command: "rm -rf cache", scope: SCOPE, description: "Tidy up" };
    const issued = await getJson(fetch, "/api/v1/task/issue", post(body));
    assert.deepEqual(
      [issued.task_id, issued.dag_id, issued.version, issued.status],
      ["tidy", "task-tidy", 1, "waiting_confirmation"],
    );
    assert.equal(issued.worker_id, "worker-project-abc");
    const status = (): Promise<Record<string, unknown>> =>
      getJson(fetch, "/api/v1/task/tidy/status");
    assert.deepEqual(
      [(await status())["status"], (await status())["run_id"]],
      ["waiting_confirmation", null],
    );
    assert.equal(worker.waiting, 0, "nothing runs yet");

    const { run_id } = await getJson(fetch, "/api/v1/dag/task-tidy/confirm", post({}));
    const task = await worker.take();
    assert.equal((await status())["status"], "running");
    await worker.finish(task, { outputs: { freed: 12 }, exit_code: 0 });
    await runEnded(node, run_id);
    const ended = await status();
    assert.deepEqual(
      [ended["status"], ended["run_id"], ended["exit_code"], ended["outputs"], ended["attempts"]],
      ["completed", run_id, 0, { freed: 12 }, 1],
    );
    assert.deepEqual(await getJson(fetch, "/api/v1/task/task-tidy/status"), ended);
  });
});

Deno.test("the reason of a rejection is in the task's status", async () => {
  await withApi(async ({ fetch }) => {
    await getJson(fetch, "/api/v1/task/issue", post({ id: "t", command: "true" }));
    await getJson(fetch, "/api/v1/dag/task-t/reject", post({ reason: "not today" }));
    const { status, reason } = await getJson(fetch, "/api/v1/task/t/status");
    assert.deepEqual([status, reason], ["rejected", "not today"]);
  });
});

Deno.test("a task without an id gets one", async () => {
  await withApi(async ({ fetch }) => {
    const first = await getJson(fetch, "/api/v1/task/issue", post({ command: "true" }));
    const second = await getJson(fetch, "/api/v1/task/issue", post({ command: "true" }));
    assert.notEqual(first.task_id, second.task_id);
    assert.equal(first.dag_id, `task-${first.task_id}`);
  });
});

Deno.test("problems have the places that they have in the body", async () => {
  await withApi(async ({ fetch }) => {
    const cases: readonly [object, string[]][] = [
      [{ id: "t" }, ["type"]],
      [{ id: "../x", command: "true" }, ["id"]],
      [{ id: "x".repeat(128), command: "true" }, ["id"]],
      [{ id: "t", command: "true", comand: "x", timeout: "soon" }, ["comand", "timeout"]],
      [{ id: "t", command: "true", scope: { type: "moon" } }, ["scope.type"]],
      [{ id: "t", command: "true", dag_id: "other" }, ["dag_id"]],
      [{ id: "t", command: "true", depends_on: ["u"] }, ["depends_on[0]"]],
      [[], [""]],
    ];
    for (const [body, paths] of cases) {
      const { errors } = await expectProblem(fetch, "/api/v1/task/issue", {
        code: "invalid_spec",
        ...post(body),
      });
      assert.deepEqual(errors?.map(({ path }) => path).sort(), paths, JSON.stringify(body));
    }
    assert.equal((await getJson(fetch, "/api/v1/tasks")).count, 0);
  });
});

Deno.test("the list has issued tasks only, page by page", async () => {
  await withApi(async ({ fetch }) => {
    for (const id of ["c", "a", "b"]) {
      await getJson(fetch, "/api/v1/task/issue", post({ id, command: "true" }));
    }
    await getJson(fetch, "/api/v1/dag/publish", post(dagOf("other")));
    await getJson(fetch, "/api/v1/dag/publish", post(dagOf("task-of-two", { a: [], b: [] })));
    const pages = await allPages<{ task_id: string }>(fetch, "/api/v1/tasks?limit=2", "tasks");
    assert.deepEqual(pages.map((page) => page.map(({ task_id }) => task_id)), [["a", "b"], ["c"]]);
    await expectProblem(fetch, "/api/v1/task/task-of-two/status", { code: "task_not_found" });
    await expectProblem(fetch, "/api/v1/task/nothing/status", { code: "task_not_found" });
  });
});
