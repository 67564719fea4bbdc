/** DAGs: what publish answers, lists, versions, differences, status; and reasons that arrive. */
import assert from "node:assert/strict";
import { publishDag, startDag } from "../../../helpers/test_node.ts";
import { EXPIRE_SEC, withStillNode } from "../../../scheduler/decision_fixture.ts";
import { allPages, dagOf, expectProblem, failsAtOnce, getJson } from "./api_fixture.ts";

Deno.test("a publish says what it would run, where, until when, and how to confirm it", async () => {
  await withStillNode(async ({ fetch }, clock) => {
    const answer = await publishDag(fetch, dagOf("d", { a: [], b: ["a"] }));
    const { spec_hash, permissions, warnings, confirm_url, dashboard_url, ...rest } = answer;
    assert.match(spec_hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(rest, {
      dag_id: "d",
      version: 1,
      status: "waiting_confirmation",
      expire_sec: EXPIRE_SEC,
      expires_at: new Date(clock.now() + EXPIRE_SEC * 1000).toISOString(),
      scope: { type: "project", project_id: "abc", reuse_worker: true },
      scope_source: "spec",
      worker_id: "worker-project-abc",
      room_id: "!worker-project-abc:node1",
      tasks_count: 2,
      schedule: null,
    });
    assert.deepEqual(warnings, []);
    assert.ok(permissions.summary.some((line) => line.includes("/bin/sh")), "it says what runs");
    assert.equal(new URL(confirm_url).pathname, "/api/v1/dag/d/confirm");
    assert.equal(new URL(dashboard_url).hash, "#d");
  });
});

Deno.test("what is accepted without effect so far is a warning, never silence", async () => {
  await withStillNode(async ({ fetch }) => {
    const { warnings } = await publishDag(fetch, {
      ...dagOf("d"),
      tasks: [{ id: "a", type: "noop", secrets: ["TOKEN"] }],
    });
    assert.ok(warnings.some(({ path }) => path.endsWith("secrets")), JSON.stringify(warnings));
  });
});

Deno.test("the same DAG in another dialect is the same content", async () => {
  await withStillNode(async ({ fetch }) => {
    const { spec_hash } = await publishDag(fetch, {
      dag_id: "d",
      tasks: [{ id: "a", type: "shell", command: "true" }],
    });
    const others: readonly [type: string, body: string][] = [
      ["application/yaml", "dag_id: d\ntasks:\n- id: a\n  task_type: shell\n  command: 'true'\n"],
      ["application/toml", '[dag]\ndag_id = "d"\n[[dag.tasks]]\nid = "a"\ncommand = "true"\n'],
      ["application/json", '{"tasks":[{"command":"true","id":"a","deps":[]}],"dag_id":"d"}'],
    ];
    for (const [type, body] of others) {
      const init = { method: "POST", headers: { "content-type": type }, body };
      const answer = await getJson(fetch, "/api/v1/dag/publish", init);
      assert.deepEqual([answer.spec_hash, answer.version], [spec_hash, 1], type);
    }
    const nameless = { method: "POST", body: { tasks: [{ id: "a", command: "true" }] } };
    const named = await getJson(fetch, "/api/v1/dag/publish?dag_id=d", nameless);
    assert.equal(named.spec_hash, spec_hash);
  });
});

Deno.test("the reason of a rejection reaches the publisher, who can publish a better version", async () => {
  await withStillNode(async (test) => {
    const { fetch } = test;
    const [publisher, approver] = [await test.as(["publisher"]), await test.as(["approver"])];
    await publishDag(fetch, failsAtOnce("d"), publisher);
    const reason = "Use <staging>,\nnot production";
    const init = { method: "POST", token: approver, body: { reason: `  ${reason}\n` } };
    const answer = await getJson(fetch, "/api/v1/dag/d/reject", init);
    assert.deepEqual([answer.status, answer.reason], ["rejected", reason]);
    const mine = { token: publisher };
    const status = await getJson(fetch, "/api/v1/dag/d/status", mine);
    assert.deepEqual([status.status, status.version_status, status.reason], [
      "rejected",
      "rejected",
      reason,
    ]);
    assert.equal(status.raw_data.decided_by, "approver");
    const { blockers, advice } = await getJson(fetch, "/api/v1/dag/d/analyze", {
      method: "POST",
      ...mine,
    });
    assert.ok(JSON.stringify([blockers, advice]).includes("Use <staging>"), "analyze has it too");
    await publishDag(fetch, { ...failsAtOnce("d"), description: "staging" }, publisher);
    const better = await getJson(fetch, "/api/v1/dag/d/status", mine);
    assert.deepEqual([better.status, better.version, better.reason], [
      "waiting_confirmation",
      2,
      null,
    ]);
  });
});

Deno.test("what waits is listed with everything that a decision needs, until it is decided", async () => {
  await withStillNode(async ({ fetch }, clock) => {
    for (const id of ["b", "a"]) {
      await publishDag(fetch, dagOf(id));
      clock.advance(1000);
    }
    const { count, pending } = await getJson(fetch, "/api/v1/pending");
    const shown = pending.map((
      one: { dag_id: string; expires_in_sec: number },
    ) => [one.dag_id, one.expires_in_sec]);
    assert.deepEqual([count, shown], [2, [["b", EXPIRE_SEC - 2], ["a", EXPIRE_SEC - 1]]]);
    assert.equal(pending[0].spec.tasks[0].command, "echo a");
    await getJson(fetch, "/api/v1/dag/b/reject", { method: "POST", body: { reason: "no" } });
    assert.equal((await getJson(fetch, "/api/v1/pending")).count, 1);
    clock.jump(EXPIRE_SEC * 1000);
    assert.equal((await getJson(fetch, "/api/v1/pending")).count, 0);
  });
});

Deno.test("lists of DAGs and of versions come in pages, each once and in order", async () => {
  await withStillNode(async ({ fetch }) => {
    const ids = ["a", "a-b", "a.b", "A", "z", "0"];
    for (const id of ids) await publishDag(fetch, dagOf(id));
    for (let version = 2; version <= 5; version++) {
      await publishDag(fetch, dagOf("z", { [`t${version}`]: [] }));
    }
    for (const limit of [1, 2, 6, 7]) {
      const path = `/api/v1/dag?limit=${limit}`;
      const pages = await allPages<{ dag_id: string; version: number }>(fetch, path, "dags");
      assert.deepEqual(pages.flat().map(({ dag_id }) => dag_id), ids.toSorted());
      assert.equal(pages.flat().find(({ dag_id }) => dag_id === "z")?.version, 5);
      const versions = await allPages<{ version: number }>(
        fetch,
        `/api/v1/dag/z/versions?limit=${limit}`,
        "versions",
      );
      assert.deepEqual(versions.flat().map(({ version }) => version), [5, 4, 3, 2, 1]);
    }
  });
});

Deno.test("any version can be shown and compared", async () => {
  await withStillNode(async ({ fetch }) => {
    await publishDag(fetch, dagOf("d", { a: [] }));
    await expectProblem(fetch, "/api/v1/dag/d/diff", { code: "invalid_request" });
    await publishDag(fetch, dagOf("d", { a: [], b: ["a"] }));
    await publishDag(fetch, dagOf("d", { b: [] }));
    const first = await getJson(fetch, "/api/v1/dag/d?version=1");
    assert.deepEqual([first.version, first.status, first.spec.tasks.length], [1, "superseded", 1]);
    assert.equal((await getJson(fetch, "/api/v1/dag/d")).version, 3);
    const newest = await getJson(fetch, "/api/v1/dag/d/diff");
    assert.deepEqual([newest.from, newest.to, newest.tasks_removed], [2, 3, ["a"]]);
    const whole = await getJson(fetch, "/api/v1/dag/d/diff?from=1&to=3");
    assert.deepEqual([whole.tasks_added, whole.tasks_removed], [["b"], ["a"]]);
  });
});

Deno.test("the status follows the newest version, and its run once there is one", async () => {
  await withStillNode(async ({ fetch }) => {
    await publishDag(fetch, failsAtOnce("d"));
    const waiting = await getJson(fetch, "/api/v1/dag/d/status");
    assert.deepEqual(
      [waiting.status, waiting.last_run, waiting.completed_tasks, waiting.total_tasks],
      ["waiting_confirmation", null, 0, 1],
    );
    const { run_id } = await startDag(fetch, failsAtOnce("d"));
    const ran = await getJson(fetch, "/api/v1/dag/d/status");
    assert.deepEqual([ran.status, ran.version_status, ran.last_run.run_id], [
      "failed",
      "confirmed",
      run_id,
    ]);
    await publishDag(fetch, dagOf("d"));
    const next = await getJson(fetch, "/api/v1/dag/d/status");
    assert.deepEqual([next.status, next.last_run.run_id], ["waiting_confirmation", run_id]);
    const init = { method: "POST" };
    const again = await getJson(fetch, "/api/v1/dag/d/run", init);
    const run = await getJson(fetch, `/api/v1/runs/${again.run_id}`);
    assert.deepEqual(
      [run.version, run.triggered_by],
      [1, "run"],
      "what is in force, not what waits",
    );
    await publishDag(fetch, dagOf("never"));
    await expectProblem(fetch, "/api/v1/dag/never/run", { ...init, code: "not_confirmed" });
  });
});
