/** Every endpoint with every role, and the exact shape of what each answers. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { Operation } from "../../../../lib/api/operation.ts";
import { OPERATIONS } from "../../../../lib/api/operations.ts";
import { hasRole, type Role } from "../../../../lib/schema/roles.ts";
import { fakeWorker } from "../../../helpers/fake_worker.ts";
import {
  call,
  publishDag,
  startDag,
  type TestRequest,
  tokenIdOf,
} from "../../../helpers/test_node.ts";
import {
  type ApiTest,
  dagOf,
  failsAtOnce,
  finishedRun,
  handedOver,
  withApi,
} from "./api_fixture.ts";

const CALLERS = [null, "viewer", "publisher", "approver", "admin", "node"] as const;

/** What a request needs so that it can succeed: made anew for each. */
interface Scene {
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: object;
}
type Setting = (test: ApiTest, name: string) => Promise<Scene> | Scene;

const waiting: Setting = async ({ fetch }, name) => {
  await publishDag(fetch, dagOf(name));
  return { params: { id: name } };
};
const confirmed: Setting = async ({ fetch }, name) => {
  await startDag(fetch, failsAtOnce(name));
  return { params: { id: name } };
};
const openRun: Setting = async ({ fetch }, name) => {
  const { run_id } = await startDag(fetch, dagOf(name));
  return { params: { run_id, task_id: "a" } };
};
const endedRun: Setting = async ({ fetch }, name) => {
  const { run_id } = await startDag(fetch, failsAtOnce(name));
  return { params: { run_id, task_id: "a" } };
};
const GATE = { type: "approval" };
/** A run that waits for a decision about its only task. */
function asking(test: ApiTest, name: string, task: object): Promise<string> {
  const doc = { ...dagOf(name), tasks: [{ id: "a", ...task }] };
  return startDag(test.fetch, doc).then(({ run_id }) => {
    const [decision] = test.node.decisions.list({ runId: run_id, limit: 1 });
    if (decision === undefined) throw new Error("nothing was asked");
    return decision.decision_id;
  });
}
const aDecision: Setting = async (test, name) => ({
  params: { id: await asking(test, name, GATE) },
});
/** Whoever asks is a stakeholder: tokens of these tests are called by their roles. */
const aVote: Setting = async (test, name) => {
  const stakeholders = ["viewer", "publisher", "approver", "admin", "node", "more"];
  const level = { type: "arbitrated", stakeholders };
  return {
    params: { id: await asking(test, name, { ...GATE, level }) },
    body: { vote: "approve" },
  };
};
const aDebt: Setting = async (test, name) => {
  const task = { id: "a", command: "false", on_failure: "ignorable" };
  const { run_id } = await startDag(test.fetch, { ...dagOf(name), tasks: [task] });
  // Beside it may be the task of an earlier debt, which runs again.
  const given = (await test.worker.takeAll()).find((each) => each.run_id === run_id);
  if (given === undefined) throw new Error("its task was not handed out");
  await test.worker.fail(given, "no luck");
  const [debt] = test.node.debts.ofRun(run_id);
  if (debt === undefined) throw new Error("there is no debt");
  return { params: { id: debt.debt_id }, body: { reason: "paid", resume: true } };
};
const aWorker: Setting = ({ worker }) => ({ params: { id: worker.id } });
const aToken: Setting = async (test) => ({
  params: { id: tokenIdOf(test.node, await test.as(["viewer"])) },
});
const aSecret: Setting = async ({ fetch }, name) => {
  const body = { value: "correct-horse-battery" };
  await call(fetch, `/api/v1/secrets/${name}`, { method: "PUT", body });
  return { params: { name } };
};
const issued: Setting = async ({ fetch }, name) => {
  await publishDag(fetch, { ...dagOf(`task-${name}`), tasks: [{ id: name, command: "true" }] });
  return { params: { id: name } };
};

const receivedRun: Setting = async (test, name) => {
  const origin = name.slice(1);
  if (origin !== "node" && origin !== "admin") return { params: { run_id: "none" } };
  const token = await test.as([origin]);
  const { run_id } = await call<{ run_id: string }>(test.fetch, "/api/v1/dag/execute", {
    method: "POST",
    body: handedOver(origin),
    token,
  });
  return { params: { run_id } };
};

const SETTINGS: Record<string, Setting> = {
  execute_dag: (_, name) => ({ body: handedOver(name.slice(1)) }),
  get_received: receivedRun,
  received_events: receivedRun,
  get_received_logs: receivedRun,
  cancel_received: async (test, name) => ({
    ...await receivedRun(test, name),
    body: { reason: "not needed" },
  }),
  publish_dag: (_, name) => ({ body: dagOf(name) }),
  validate_dag: (_, name) => ({ body: dagOf(name) }),
  list_pending: waiting,
  confirm_dag: waiting,
  reject_dag: async (test, name) => ({ ...await waiting(test, name), body: { reason: "no" } }),
  list_dags: confirmed,
  get_dag: waiting,
  list_versions: waiting,
  diff_dag: async (test, name) => {
    await publishDag(test.fetch, dagOf(name, { a: [], b: ["a"] }));
    return await waiting(test, name);
  },
  get_dag_status: confirmed,
  analyze_dag: confirmed,
  run_dag: confirmed,
  get_schedule: confirmed,
  set_schedule: async ({ fetch }, name) => {
    await startDag(fetch, { ...failsAtOnce(name), schedule: "@daily" });
    return { params: { id: name }, body: { enabled: false } };
  },
  list_runs: endedRun,
  get_run: openRun,
  get_run_task: openRun,
  get_run_logs: openRun,
  get_task_logs: openRun,
  run_events: endedRun,
  pause_run: openRun,
  resume_run: openRun,
  cancel_run: openRun,
  retry_run: endedRun,
  cancel_task: openRun,
  list_decisions: aVote,
  get_decision: aVote,
  approve_decision: aDecision,
  reject_decision: async (test, name) => ({
    ...await aDecision(test, name),
    body: { reason: "no" },
  }),
  vote_decision: aVote,
  list_debts: aDebt,
  resolve_debt: aDebt,
  issue_task: (_, name) => ({ body: { id: name, command: "true" } }),
  list_tasks: issued,
  get_task_status: issued,
  list_workers: aWorker,
  start_worker: (_, name) => ({ body: { scope: { type: "type", dag_type: name } } }),
  get_worker: aWorker,
  get_worker_logs: aWorker,
  stop_worker: async ({ node }, name) => ({
    params: { id: (await fakeWorker(node, `user:${name}`)).id },
  }),
  restart_worker: async ({ node }, name) => ({
    params: { id: (await fakeWorker(node, `user:${name}`)).id },
  }),
  create_token: () => ({ body: { name: "t", roles: ["viewer"], scopes: ["project:abc"] } }),
  bind_token: (_, name) => ({ body: { user_id: `@${name}:example.org`, roles: ["approver"] } }),
  get_token: aToken,
  revoke_token: aToken,
  list_secrets: aSecret,
  set_secret: (_, name) => ({ params: { name }, body: { value: "correct-horse-battery" } }),
  remove_secret: aSecret,
};

function mayCall(operation: Operation, caller: Role | null): boolean {
  if (operation.role === null) return true;
  return caller !== null && hasRole([caller], operation.role);
}

for (const operation of OPERATIONS.filter(({ id }) => id !== "transport")) {
  const { method, path, id, role } = operation;
  Deno.test(`${method} ${path}: ${role ?? "anybody"}, with the answer that is documented`, async () => {
    await withApi(async (test) => {
      for (const caller of CALLERS) {
        const name = `x${caller ?? "none"}`;
        const scene = await SETTINGS[id]?.(test, name) ?? {};
        const token = caller === null ? null : await test.as([caller]);
        const response = await ask(test, operation, { scene, token });
        const expected = mayCall(operation, caller)
          ? operation.status ?? 200
          : caller === null
          ? 401
          : 403;
        const text = await body(response);
        assert.equal(response.status, expected, `${caller}: ${text.slice(0, 500)}`);
        assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
        if (response.ok) requireShape(operation, response, text);
        else {
          const { code } = JSON.parse(text) as { code: string };
          assert.equal(code, expected === 401 ? "unauthenticated" : "forbidden");
        }
      }
    });
  });
}

async function ask(
  { fetch }: ApiTest,
  { method, path }: Operation,
  { scene, token }: { scene: Scene; token: string | null },
): Promise<Response> {
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = scene.params?.[name];
    if (value === undefined) throw new Error(`${path}: the test has no ${name}`);
    return encodeURIComponent(value);
  });
  const hasBody = scene.body !== undefined && method !== "GET";
  const init: TestRequest = { method, token, ...(hasBody ? { body: scene.body } : {}) };
  return await fetch(address, init);
}

/** The text of an answer; of a stream only what comes first. */
async function body(response: Response): Promise<string> {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isStream) return await response.text();
  const reader = (response.body ?? new ReadableStream()).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

/** The answer is what its schema says: nothing is missing, and nothing is there beside it. */
function requireShape({ answer }: Operation, response: Response, text: string): void {
  const type = response.headers.get("content-type")?.split(";")[0];
  if (typeof answer === "string") return assert.equal(type, answer);
  assert.equal(type, "application/json");
  const value: unknown = JSON.parse(text);
  const parsed = answer.safeParse(value);
  assert.ok(parsed.success, parsed.success ? "" : z.prettifyError(parsed.error));
  assert.deepEqual(value, parsed.data, "the schema knows every field");
}

Deno.test("the worker's answers and a finished run are of the documented shape as well", async () => {
  await withApi(async (test) => {
    const run_id = await finishedRun(test, "done", ["one", "two"]);
    const shapes: readonly [string, Record<string, string>][] = [
      ["get_run", { run_id }],
      ["get_run_task", { run_id, task_id: "a" }],
      ["get_run_logs", { run_id }],
      ["get_dag_status", { id: "done" }],
      ["list_audit", {}],
      ["list_workers", {}],
    ];
    for (const [id, params] of shapes) {
      const operation = OPERATIONS.find((other) => other.id === id);
      assert.ok(operation, id);
      const response = await ask(test, operation, { scene: { params }, token: test.token });
      requireShape(operation, response, await response.text());
    }
  });
});
