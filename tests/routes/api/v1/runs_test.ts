/** Runs: lists with their filters and pages, one run, and what people do with it. */
import assert from "node:assert/strict";
import { call, runEnded, startDag } from "../../../helpers/test_node.ts";
import { FakeClock } from "../../../helpers/fake_clock.ts";
import {
  allPages,
  dagOf,
  expectProblem,
  failsAtOnce,
  finishedRun,
  getJson,
  withApi,
} from "./api_fixture.ts";

interface Run {
  readonly run_id: string;
  readonly dag_id: string;
}

Deno.test("a list of runs is filtered by each parameter, and by all at once", async () => {
  const clock = new FakeClock();
  await withApi(async (test) => {
    const { fetch, worker } = test;
    const done = await finishedRun(test, "done");
    clock.advance(3_600_000);
    const { run_id: failed } = await startDag(fetch, failsAtOnce("failed"));
    clock.advance(60_000);
    const { run_id: running } = await startDag(fetch, dagOf("running"));
    await worker.take();
    const { run_id: global } = await startDag(fetch, {
      ...failsAtOnce("global"),
      scope: { type: "global" },
    });
    const cases: readonly [string, string[]][] = [
      ["", [global, running, failed, done]],
      ["status=completed", [done]],
      ["status=running", [running]],
      ["dag_id=failed", [failed]],
      ["dag_id=fail", []],
      ["scope=project:abc", [running, failed, done]],
      ["scope=global", [global]],
      ["scope=project:other", []],
      ["since=30m", [global, running, failed]],
      ["since=2h", [global, running, failed, done]],
      [`since=${new Date(clock.now()).toISOString()}`, [global, running]],
      ["q=fail", [failed]],
      [`q=${running.slice(-12)}`, [running]],
      ["q=%25", []],
      ["scope=project:abc&status=failed&since=30m&q=ai", [failed]],
      ["scope=project:abc&status=failed&since=30s&q=ai", []],
    ];
    for (const [query, expected] of cases) {
      const { runs } = await getJson(fetch, `/api/v1/runs?${query}`) as { runs: Run[] };
      const ids = runs.map(({ run_id }) => run_id);
      // Those of the same millisecond have no order among each other.
      assert.deepEqual(ids.toSorted(), expected.toSorted(), query);
    }
    for (
      const query of ["status=odd", "scope=moon", "since=soon", "limit=0", "limit=501", "limit=x"]
    ) {
      const problem = await expectProblem(fetch, `/api/v1/runs?${query}`, {
        code: "invalid_request",
      });
      assert.ok(problem.detail.includes(query.split("=")[0] ?? ""), problem.detail);
    }
  }, { timer: clock });
});

Deno.test("pages of runs give each run once, in order, also where many began at once", async () => {
  const clock = new FakeClock();
  await withApi(async ({ fetch }) => {
    const begun: string[] = [];
    for (let index = 0; index < 7; index++) {
      if (index % 3 === 0) clock.advance(1);
      begun.push((await startDag(fetch, failsAtOnce(`d${index}`))).run_id);
    }
    for (const limit of [1, 2, 3, 7, 8]) {
      const pages = await allPages<Run>(fetch, `/api/v1/runs?limit=${limit}`, "runs");
      const ids = pages.flat().map(({ run_id }) => run_id);
      assert.deepEqual(ids.toSorted(), begun.toSorted(), `limit ${limit}`);
      assert.equal(pages.length, Math.ceil(begun.length / limit));
      assert.ok(pages.every((page) => page.length <= limit));
    }
  }, { timer: clock });
});

Deno.test("a cursor of another list is refused, not misread", async () => {
  await withApi(async ({ fetch }) => {
    const cursors = [
      "x",
      btoa('["a"]'),
      btoa('["a","b"]'),
      btoa("[1,2,3]"),
      btoa("{}"),
      btoa("[null,null]"),
      "%00",
      "\u{1F600}",
    ];
    const lists = ["/api/v1/runs", "/api/v1/dag", "/api/v1/tasks", "/api/v1/audit"];
    for (const list of lists) {
      for (const cursor of cursors) {
        // A list of DAGs goes on behind a name, so a cursor with a name is one of its own.
        if (cursor === btoa('["a"]') && list !== "/api/v1/runs" && list !== "/api/v1/audit") {
          continue;
        }
        await expectProblem(fetch, `${list}?cursor=${encodeURIComponent(cursor)}`, {
          code: "invalid_request",
        });
      }
    }
  });
});

Deno.test("one run says everything about its tasks and attempts", async () => {
  await withApi(async (test) => {
    const run_id = await finishedRun(test, "whole", ["hello"]);
    await runEnded(test.node, run_id);
    const run = await getJson(test.fetch, `/api/v1/runs/${run_id}`);
    const { dag_id, version, status, worker_id, node_id, triggered_by, confirmed_by } = run;
    assert.deepEqual(
      { dag_id, version, status, worker_id, node_id, triggered_by, confirmed_by },
      {
        dag_id: "whole",
        version: 1,
        status: "completed",
        worker_id: "worker-project-abc",
        node_id: "node1",
        triggered_by: "confirm",
        confirmed_by: "admin",
      },
    );
    const [task] = run.tasks;
    assert.deepEqual([task.task_id, task.status, task.outputs], ["a", "completed", { answer: 42 }]);
    assert.deepEqual(task.attempts.length, 1);
    assert.deepEqual([task.attempts[0].attempt, task.attempts[0].exit_code], [1, 0]);
    assert.deepEqual(await getJson(test.fetch, `/api/v1/runs/${run_id}/tasks/a`), task);
    await expectProblem(test.fetch, `/api/v1/runs/${run_id}/tasks/b`, { code: "task_not_found" });
  });
});

Deno.test("what is done to a run in a state that doesn't allow it is said so", async () => {
  await withApi(async (test) => {
    const { fetch } = test;
    const completed = await finishedRun(test, "completed");
    await runEnded(test.node, completed);
    const { run_id: open } = await startDag(fetch, dagOf("open"));
    const cases = [
      [completed, "cancel", "run_finished"],
      [completed, "pause", "run_finished"],
      [completed, "resume", "run_finished"],
      [completed, "retry", "invalid_state"],
      [open, "retry", "run_not_finished"],
    ] as const;
    for (const [id, action, code] of cases) {
      await expectProblem(fetch, `/api/v1/runs/${id}/${action}`, { code, method: "POST" });
    }
    const cancel = (): Promise<{ status: string }> =>
      call(fetch, `/api/v1/runs/${open}/cancel`, { method: "POST" });
    assert.equal((await cancel()).status, "cancelled");
    assert.equal((await cancel()).status, "cancelled", "once more is fine");
    const retried = await call<{ run_id: string }>(fetch, `/api/v1/runs/${open}/retry`, {
      method: "POST",
    });
    const run = await getJson(fetch, `/api/v1/runs/${retried.run_id}`);
    assert.deepEqual([run.retry_of, run.triggered_by], [open, "retry"]);
  });
});

Deno.test("a token of one scope sees that scope's runs only, in lists and one by one", async () => {
  await withApi(async (test) => {
    const { fetch } = test;
    const own = await startDag(fetch, failsAtOnce("own"));
    const other = await startDag(fetch, {
      ...failsAtOnce("other"),
      scope: { type: "project", project_id: "secret" },
    });
    const token = await test.as(["approver"], { scopes: ["project:abc"] });
    const { runs } = await getJson(fetch, "/api/v1/runs", { token });
    assert.deepEqual(runs.map(({ run_id }: Run) => run_id), [own.run_id]);
    for (const path of ["", "/logs", "/events", "/tasks/a", "/tasks/a/logs"]) {
      await expectProblem(fetch, `/api/v1/runs/${other.run_id}${path}`, {
        code: "scope_not_allowed",
        token,
      });
    }
    for (const action of ["cancel", "retry", "pause", "resume"]) {
      await expectProblem(fetch, `/api/v1/runs/${other.run_id}/${action}`, {
        code: "scope_not_allowed",
        method: "POST",
        token,
      });
    }
  });
});
