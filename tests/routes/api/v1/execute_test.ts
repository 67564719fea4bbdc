/** What a node takes from another one, and from whom. */
import assert from "node:assert/strict";
import type { ExecuteAnswer } from "../../../../lib/schema/handover.ts";
import { parseSpecDocument } from "../../../../lib/schema/parse_spec.ts";
import { call, startDag } from "../../../helpers/test_node.ts";
import { type ApiTest, dagOf, expectProblem, withApi } from "./api_fixture.ts";

const PATH = "/api/v1/dag/execute";
let runs = 0;

function handedOver(more: object = {}, doc: object = dagOf("far")): Record<string, unknown> {
  const parsed = parseSpecDocument(doc);
  assert.ok(parsed.ok);
  const run = `dag-run-0195e0a0-0000-7000-8000-${String(++runs).padStart(12, "0")}`;
  return {
    run_id: run,
    origin: "node9",
    spec: parsed.spec,
    spec_hash: parsed.spec_hash,
    triggered_by: "confirm",
    confirmed_by: "ann",
    ...more,
  };
}

async function peerToken({ node }: ApiTest, name = "node9", scopes?: string[]): Promise<string> {
  const made = await node.db.write((tx) =>
    node.tokens.create(tx, { name, roles: ["node"], createdBy: null, scopes: scopes ?? null })
  );
  return made.token;
}

const post = (test: ApiTest, body: object, token: string): Promise<ExecuteAnswer> =>
  call(test.fetch, PATH, { method: "POST", body, token });

Deno.test("a run that is handed over begins once, however often it comes", async () => {
  await withApi(async (test) => {
    const token = await peerToken(test);
    const body = handedOver();
    const first = await post(test, body, token);
    assert.deepEqual([first.accepted, first.node_id], [true, "node1"]);
    const task = await test.worker.take();
    assert.equal(task.run_id, body["run_id"]);
    for (let again = 0; again < 3; again++) {
      assert.equal((await post(test, body, token)).accepted, true);
    }
    await test.worker.finish(task);
    assert.equal((await post(test, body, token)).status, "completed");
    assert.equal(test.node.runs.list({ dagId: "far", limit: 9 }).length, 1);
    await post(test, handedOver(), token);
    assert.equal(test.node.specs.versions("far", { before: 99, limit: 99 }).length, 1);
  });
});

Deno.test("what may not be had here is neither offered nor taken; what is taken is held to that", async () => {
  await withApi(async (test) => {
    const token = await peerToken(test);
    const greedy = {
      ...dagOf("far"),
      tasks: [{ id: "a", command: "true", permissions: { write: ["/etc"] } }],
    };
    for (const offer of [true, false]) {
      const body = handedOver({ offer }, greedy);
      const code = "invalid_spec";
      const problem = await expectProblem(test.fetch, PATH, { code, method: "POST", body, token });
      assert.equal(problem.errors?.[0]?.code, "not_permitted");
    }
    await post(test, handedOver(), token);
    assert.deepEqual(
      test.node.specs.policyOf("far", 1),
      test.node.policies.ceiling({ type: "project", project_id: "abc", reuse_worker: true }),
    );
  });
});

Deno.test("an offer begins nothing", async () => {
  await withApi(async (test) => {
    const answer = await post(test, handedOver({ offer: true }), await peerToken(test));
    assert.deepEqual([answer.accepted, answer.willing], [false, true]);
    assert.equal(test.node.specs.load("far"), undefined);
  });
});

Deno.test("results that came along are kept, and reach those that depend on them", async () => {
  await withApi(async (test) => {
    const doc = dagOf("far", { a: [], b: ["a"] });
    const body = handedOver({ results: { a: { x: 1 } } }, doc);
    await post(test, body, await peerToken(test));
    const task = await test.worker.take();
    assert.equal(task.task_id, "b");
    assert.deepEqual(task.inputs, { a: { x: 1 } });
  });
});

Deno.test("what isn't what was confirmed, or comes from somebody else, is refused", async () => {
  await withApi(async (test) => {
    const token = await peerToken(test);
    const refuse = async (
      code: Parameters<typeof expectProblem>[2]["code"],
      body: object,
      as = token,
    ): Promise<void> => {
      await expectProblem(test.fetch, PATH, { code, method: "POST", body, token: as });
    };
    await refuse("invalid_request", handedOver({ spec_hash: "0".repeat(64) }));
    await refuse("invalid_spec", handedOver({ spec: { dag_id: "far", tasks: [] } }));
    await refuse("forbidden", handedOver({ origin: "node8" }));
    await refuse("scope_not_allowed", handedOver(), await peerToken(test, "node9", ["user:u"]));
    await startDag(test.fetch, dagOf("mine"));
    await refuse("dag_taken", handedOver({}, dagOf("mine")));
    const body = handedOver();
    await post(test, body, token);
    const other = handedOver({ run_id: body["run_id"] }, dagOf("far", { z: [] }));
    await refuse("idempotency_conflict", other);
    assert.equal(test.node.specs.versions("far", { before: 99, limit: 99 }).length, 1);
  });
});

Deno.test("a run that was called off before it came is not taken when it comes", async () => {
  await withApi(async (test) => {
    const token = await peerToken(test);
    const body = handedOver();
    await call(test.fetch, `/api/v1/received/${body["run_id"]}/cancel`, {
      method: "POST",
      body: { reason: "not needed" },
      token,
    });
    await expectProblem(test.fetch, PATH, { code: "run_finished", method: "POST", body, token });
    assert.equal(test.node.runs.load(String(body["run_id"])), undefined);
  });
});

Deno.test("a node sees, follows and cancels its own runs only", async () => {
  await withApi(async (test) => {
    const body = handedOver();
    await post(test, body, await peerToken(test));
    const path = `/api/v1/received/${body["run_id"]}`;
    const stranger = await peerToken(test, "node8");
    for (const part of ["", "/logs", "/events"]) {
      await expectProblem(test.fetch, path + part, { code: "run_not_found", token: stranger });
    }
    const { run_id: own } = await startDag(test.fetch, dagOf("own"));
    for (const runId of [String(body["run_id"]), own]) {
      await expectProblem(test.fetch, `/api/v1/received/${runId}/cancel`, {
        code: "run_not_found",
        method: "POST",
        body: { reason: "x" },
        token: stranger,
      });
    }
    assert.equal(test.node.runs.load(String(body["run_id"]))?.status, "running");
  });
});
