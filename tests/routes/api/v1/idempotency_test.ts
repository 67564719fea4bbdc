/** Idempotency-Key on every POST and DELETE: done once, answered alike, never for something else. */
import assert from "node:assert/strict";
import { OPERATIONS } from "../../../../lib/api/operations.ts";
import { call, publishDag, startDag, type TestRequest } from "../../../helpers/test_node.ts";
import { FakeClock } from "../../../helpers/fake_clock.ts";
import {
  type ApiTest,
  dagOf,
  expectProblem,
  failsAtOnce,
  handedOver,
  withApi,
} from "./api_fixture.ts";

interface Scene {
  readonly path: string;
  readonly body?: object;
  /** Another body under the same key. */
  readonly other: object;
  /** Its answer holds a secret and is not given twice. */
  readonly secret?: true;
}

const ID = "some-dag";
const MORE = { more: true };
const SECRET = "/api/v1/secrets/TOKEN";

const SCENES: Record<string, (test: ApiTest) => Promise<Scene> | Scene> = {
  sign_in_link: () => ({ path: "/api/v1/sign-in-link", other: MORE, secret: true }),
  publish_dag: () => ({ path: "/api/v1/dag/publish", body: dagOf(ID), other: dagOf("b") }),
  validate_dag: () => ({ path: "/api/v1/dag/validate", body: dagOf(ID), other: dagOf("b") }),
  confirm_dag: async ({ fetch }) => {
    const { spec_hash } = await publishDag(fetch, failsAtOnce(ID));
    return { path: `/api/v1/dag/${ID}/confirm`, body: { spec_hash }, other: {} };
  },
  reject_dag: async ({ fetch }) => {
    await publishDag(fetch, dagOf(ID));
    return { path: `/api/v1/dag/${ID}/reject`, body: { reason: "no" }, other: { reason: "so" } };
  },
  analyze_dag: async ({ fetch }) => {
    await publishDag(fetch, dagOf(ID));
    return { path: `/api/v1/dag/${ID}/analyze`, other: MORE };
  },
  run_dag: async ({ fetch }) => {
    await startDag(fetch, failsAtOnce(ID));
    return { path: `/api/v1/dag/${ID}/run`, other: MORE };
  },
  pause_run: async ({ fetch }) => openRun(await startDag(fetch, dagOf(ID)), "pause"),
  resume_run: async ({ fetch }) => openRun(await startDag(fetch, dagOf(ID)), "resume"),
  cancel_run: async ({ fetch }) => openRun(await startDag(fetch, dagOf(ID)), "cancel"),
  cancel_task: async ({ fetch }) => openRun(await startDag(fetch, dagOf(ID)), "tasks/a/cancel"),
  approve_decision: (test) => decision(test, "approve"),
  reject_decision: (test) => decision(test, "reject"),
  vote_decision: async (test) => {
    const level = { type: "arbitrated", stakeholders: ["admin", "more"] };
    return { ...await decision(test, "vote", level), body: { vote: "approve" } };
  },
  resolve_debt: async ({ fetch, node, worker }) => {
    const task = { id: "a", command: "false", on_failure: "ignorable" };
    const { run_id } = await startDag(fetch, { ...dagOf(ID), tasks: [task] });
    await worker.fail(await worker.take(), "no luck");
    const [debt] = node.debts.ofRun(run_id);
    const path = `/api/v1/debts/${debt?.debt_id}/resolve`;
    return { path, body: { reason: "x", resume: true }, other: { reason: "y" } };
  },
  retry_run: async ({ fetch }) => openRun(await startDag(fetch, failsAtOnce(ID)), "retry"),
  issue_task: () => ({
    path: "/api/v1/task/issue",
    body: { command: "true" },
    other: { command: "false" },
  }),
  start_worker: () => ({
    path: "/api/v1/workers",
    body: { scope: { type: "user", user_id: "u" } },
    other: { scope: { type: "user", user_id: "v" } },
    secret: true,
  }),
  stop_worker: ({ worker }) => ({ path: `/api/v1/workers/${worker.id}/stop`, other: MORE }),
  restart_worker: ({ worker }) => ({ path: `/api/v1/workers/${worker.id}/restart`, other: MORE }),
  create_token: () => ({
    path: "/api/v1/tokens",
    body: { name: "t", roles: ["viewer"] },
    other: { name: "u", roles: ["viewer"] },
    secret: true,
  }),
  bind_token: () => ({
    path: "/api/v1/tokens/bind",
    body: { user_id: "@you:example.org", roles: ["viewer"] },
    other: { user_id: "@you:example.org", roles: ["approver"] },
  }),
  backup: () => ({ path: "/api/v1/backup", other: MORE }),
  set_schedule: async ({ fetch }) => {
    await startDag(fetch, { ...failsAtOnce(ID), schedule: "@daily" });
    const path = `/api/v1/dag/${ID}/schedule`;
    return { path, body: { enabled: false }, other: { enabled: true } };
  },
  // The token of these tests is named by its role, and so is the node that it stands for.
  execute_dag: () => ({
    path: "/api/v1/dag/execute",
    body: handedOver("admin"),
    other: handedOver("admin"),
  }),
  cancel_received: async ({ fetch }) => {
    const body = handedOver("admin");
    await call(fetch, "/api/v1/dag/execute", { method: "POST", body });
    const path = `/api/v1/received/${body["run_id"]}/cancel`;
    return { path, body: { reason: "no need" }, other: { reason: "another" } };
  },
  revoke_token: async (test) => {
    const id = test.node.tokens.verify(await test.as(["viewer"]))?.tokenId ?? "";
    return { path: `/api/v1/tokens/${id}`, other: MORE };
  },
  remove_secret: async ({ fetch }) => {
    await call(fetch, SECRET, { method: "PUT", body: { value: "correct-horse-battery" } });
    return { path: SECRET, other: MORE };
  },
};

function openRun({ run_id }: { run_id: string }, action: string): Scene {
  return { path: `/api/v1/runs/${run_id}/${action}`, other: { from_scratch: true } };
}

/** An answer to the decision that a new run waits for. */
async function decision({ fetch, node }: ApiTest, answer: string, level?: object): Promise<Scene> {
  const tasks = [{ id: "a", type: "approval", ...(level ? { level } : {}) }];
  const { run_id } = await startDag(fetch, { ...dagOf(ID), tasks });
  const [asked] = node.decisions.list({ runId: run_id, limit: 1 });
  return { path: `/api/v1/decisions/${asked?.decision_id}/${answer}`, other: { reason: "so" } };
}

/** What may not happen twice. */
function traces({ node }: ApiTest): unknown {
  return {
    versions: node.specs.newestOfEach("", 100).map(({ dag_id, version }) => [dag_id, version]),
    runs: node.runs.list({ limit: 100 }).map(({ run_id }) => run_id),
    tokens: node.tokens.list().length,
    audit: node.audit.list({ before: 1e9, limit: 100 }).length,
  };
}

const WITH_KEYS = OPERATIONS.filter(({ method, secretBody }) => method !== "GET" && !secretBody);

for (const { id, method } of WITH_KEYS) {
  Deno.test(`Idempotency-Key of ${id}`, async () => {
    await withApi(async (test) => {
      const { fetch } = test;
      const scene = await SCENES[id]?.(test);
      assert.ok(scene, `the test has no request for ${id}`);
      const headers = { "idempotency-key": `key of ${id}` };
      const { path, body } = scene;
      const init: TestRequest = { method, headers, ...(body ? { body } : {}) };
      const first = await fetch(path, init);
      const text = await first.text();
      assert.ok(first.ok, text);
      assert.equal(first.headers.get("idempotency-replayed"), null);
      const after = traces(test);
      if (scene.secret) {
        await expectProblem(fetch, path, { ...init, code: "idempotency_conflict" });
      } else {
        const again = await fetch(path, init);
        assert.deepEqual([again.status, await again.text()], [first.status, text]);
        assert.equal(again.headers.get("idempotency-replayed"), "true");
      }
      await expectProblem(fetch, path, {
        ...init,
        body: scene.other,
        code: "idempotency_conflict",
      });
      const elsewhere = { ...init, code: "idempotency_conflict" } as const;
      await expectProblem(fetch, `${path}?dag_id=x`, elsewhere);
      assert.deepEqual(traces(test), after, "nothing was done twice");
    });
  });
}

Deno.test("a secret is set under a key that was used, and nothing of it is kept", async () => {
  await withApi(async ({ fetch, node }) => {
    const headers = { "idempotency-key": "k" };
    for (const value of ["correct-horse-battery", "staple-of-another"]) {
      const response = await fetch(SECRET, { method: "PUT", headers, body: { value } });
      assert.equal(response.status, 200, await response.text());
      assert.equal(response.headers.get("idempotency-replayed"), null);
      assert.deepEqual(node.secrets.valuesFor("global", () => true).values, { TOKEN: value });
    }
    assert.deepEqual(node.db.all("SELECT * FROM idempotency_keys"), []);
  });
});

Deno.test("nothing of an answer that holds a secret is kept", async () => {
  await withApi(async ({ fetch, node }) => {
    const init = { method: "POST", headers: { "idempotency-key": "k" } };
    const body = { name: "t", roles: ["viewer"] };
    const { token } = await call<{ token: string }>(fetch, "/api/v1/tokens", { ...init, body });
    assert.ok(node.tokens.verify(token), "it is a token");
    const [kept, ...more] = node.db.all("SELECT status, body FROM idempotency_keys");
    assert.deepEqual([kept, more], [{ __proto__: null, status: 201, body: "" }, []]);
  });
});

Deno.test("the answer that is kept and the change are one commit", async () => {
  await withApi(async ({ fetch, node }) => {
    await startDag(fetch, failsAtOnce(ID));
    const keys = (): unknown => node.db.get("SELECT count(*) AS n FROM idempotency_keys")?.["n"];
    const seen: unknown[] = [];
    const stop = node.events.subscribe(() => seen.push(keys()));
    const init = { method: "POST", headers: { "idempotency-key": "k" } };
    await call(fetch, `/api/v1/dag/${ID}/run`, init);
    stop();
    assert.deepEqual([...new Set(seen)], [1], "who is told of the run sees its answer kept");
  });
});

Deno.test("the same request at once under one key is done once", async () => {
  await withApi(async (test) => {
    await startDag(test.fetch, failsAtOnce(ID));
    const init = { method: "POST", headers: { "idempotency-key": "at once" } };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(async () => {
      const response = await test.fetch(`/api/v1/dag/${ID}/run`, init);
      return await response.text();
    }));
    assert.equal(new Set(answers).size, 1);
    assert.equal(test.node.runs.list({ limit: 10 }).length, 2);
  });
});

Deno.test("a key belongs to its token, and for 24 hours", async () => {
  const clock = new FakeClock();
  await withApi(async (test) => {
    await startDag(test.fetch, failsAtOnce(ID));
    const run = async (token: string): Promise<string> => {
      const response = await test.fetch(`/api/v1/dag/${ID}/run`, {
        method: "POST",
        token,
        headers: { "idempotency-key": "k" },
      });
      return (await response.json()).run_id;
    };
    const [mine, other] = [await test.as(["approver"]), await test.as(["approver"])];
    const first = await run(mine);
    assert.notEqual(await run(other), first);
    clock.jump(24 * 3_600_000 - 1);
    assert.equal(await run(mine), first);
    clock.jump(1);
    assert.notEqual(await run(mine), first);
  }, { timer: clock });
});

Deno.test("a refusal is not kept: the same request succeeds once it can", async () => {
  await withApi(async ({ fetch }) => {
    const init = { method: "POST", headers: { "idempotency-key": "k" } };
    await expectProblem(fetch, `/api/v1/dag/${ID}/confirm`, { ...init, code: "dag_not_found" });
    await publishDag(fetch, failsAtOnce(ID));
    assert.equal((await fetch(`/api/v1/dag/${ID}/confirm`, init)).status, 200);
    const long = { ...init, headers: { "idempotency-key": "k".repeat(256) } };
    await expectProblem(fetch, `/api/v1/dag/${ID}/run`, { ...long, code: "invalid_request" });
  });
});
