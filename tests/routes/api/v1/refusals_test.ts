/** Who was refused a decision is in the audit log, and no client can flood it. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../lib/errors.ts";
import type { AuditEntryView } from "../../../../lib/schema/audit.ts";
import { FakeClock } from "../../../helpers/fake_clock.ts";
import {
  publishDag,
  startDag,
  type TestFetch,
  type TestNode,
  type TestRequest,
  withNode,
} from "../../../helpers/test_node.ts";
import { type ApiTest, dagOf, expectProblem, failsAtOnce, withApi } from "./api_fixture.ts";

const SECRET = "correct-horse-battery";

/** A request that is refused, and the row that it leaves. */
interface Scene {
  readonly request: TestRequest;
  readonly path: string;
  readonly code: ErrorCode;
  readonly action: string;
  readonly target: string | null;
}

const post = (body?: object): TestRequest => ({ method: "POST", ...(body ? { body } : {}) });

/** Refused for what they are about, whoever asks. */
async function wrongMoments({ fetch }: ApiTest): Promise<Scene[]> {
  await publishDag(fetch, dagOf("waits"));
  const { run_id: open } = await startDag(fetch, dagOf("open"));
  const { run_id: ended } = await startDag(fetch, failsAtOnce("ended"));
  const scene = (
    action: string,
    target: string,
    rest: Omit<Scene, "action" | "target">,
  ): Scene => ({
    action,
    target,
    ...rest,
  });
  const wrongHash = { spec_hash: "0".repeat(64) };
  return [
    scene("dag.confirm", "waits", {
      path: "/api/v1/dag/waits/confirm",
      request: post(wrongHash),
      code: "content_changed",
    }),
    scene("dag.reject", "nobody-knows", {
      path: "/api/v1/dag/nobody-knows/reject",
      request: post({ reason: "no" }),
      code: "dag_not_found",
    }),
    scene("dag.run", "waits", {
      path: "/api/v1/dag/waits/run",
      request: post(),
      code: "not_confirmed",
    }),
    scene("run.cancel", ended, {
      path: `/api/v1/runs/${ended}/cancel`,
      request: post(),
      code: "run_finished",
    }),
    scene("run.retry", open, {
      path: `/api/v1/runs/${open}/retry`,
      request: post(),
      code: "run_not_finished",
    }),
    scene("run.pause", ended, {
      path: `/api/v1/runs/${ended}/pause`,
      request: post(),
      code: "run_finished",
    }),
    scene("run.resume", "dag-run-none", {
      path: "/api/v1/runs/dag-run-none/resume",
      request: post(),
      code: "run_not_found",
    }),
    scene("worker.stop", "worker-none", {
      path: "/api/v1/workers/worker-none/stop",
      request: post(),
      code: "worker_not_found",
    }),
    scene("token.revoke", "tok-none", {
      path: "/api/v1/tokens/tok-none",
      request: { method: "DELETE" },
      code: "token_not_found",
    }),
    scene("secret.remove", "NONE", {
      path: "/api/v1/secrets/NONE",
      request: { method: "DELETE" },
      code: "secret_not_found",
    }),
    scene("schedule.switch", "ended", {
      path: "/api/v1/dag/ended/schedule",
      request: post({ enabled: true }),
      code: "no_schedule",
    }),
  ];
}

/** Refused for who asks: a viewer. */
const WRONG_ROLE: readonly Omit<Scene, "code">[] = [
  { path: "/api/v1/dag/d/confirm", request: post(), action: "dag.confirm", target: "d" },
  { path: "/api/v1/dag/d/reject", request: post(), action: "dag.reject", target: "d" },
  { path: "/api/v1/dag/d/run", request: post(), action: "dag.run", target: "d" },
  { path: "/api/v1/runs/r/cancel", request: post(), action: "run.cancel", target: "r" },
  { path: "/api/v1/runs/r/retry", request: post(), action: "run.retry", target: "r" },
  { path: "/api/v1/tokens", request: post(), action: "token.create", target: null },
  { path: "/api/v1/workers", request: post(), action: "worker.start", target: null },
  { path: "/api/v1/workers/w/restart", request: post(), action: "worker.restart", target: "w" },
  { path: "/api/v1/dag/publish", request: post(), action: "dag.publish", target: null },
  { path: "/api/v1/backup", request: post(), action: "backup", target: null },
  {
    path: "/api/v1/secrets/TOKEN",
    request: { method: "PUT", body: { value: SECRET } },
    action: "secret.set",
    target: "TOKEN",
  },
];

Deno.test("a refused decision is in the audit log: who, what, and the code", async () => {
  await withApi(async (test) => {
    for (const scene of await wrongMoments(test)) await expectRow(test, scene);
    const token = await test.as(["viewer"]);
    for (const scene of WRONG_ROLE) {
      const request = { ...scene.request, token };
      await expectRow(test, { ...scene, request, code: "forbidden" });
    }
    const rows = JSON.stringify(test.node.db.all("SELECT * FROM audit"));
    assert.ok(!rows.includes(SECRET), "a secret is in the audit log");
  });
});

async function expectRow(test: ApiTest, scene: Scene): Promise<void> {
  const { path, request, code, action, target } = scene;
  const before = rowsOf(test).length;
  const { request_id } = await expectProblem(test.fetch, path, { ...request, code });
  const rows = rowsOf(test);
  const [row] = rows;
  assert.equal(rows.length, before + 1, `${path} left ${rows.length - before} rows`);
  const who = test.node.tokens.verify(request.token ?? test.token)?.tokenId;
  assert.deepEqual(
    [row?.action, row?.target, row?.outcome, row?.token_id, row?.request_id],
    [action, target, code, who, request_id],
  );
}

/** The newest rows first. */
function rowsOf({ node }: Pick<TestNode, "node">): AuditEntryView[] {
  return node.audit.list({ before: Number.MAX_SAFE_INTEGER, limit: 500 });
}

Deno.test("who is nobody, and what says nothing, is counted and gets no row", async () => {
  await withNode(async (test) => {
    const { fetch } = test;
    const path = "/api/v1/dag/d/confirm";
    const code = "unauthenticated";
    for (let time = 0; time < 5; time++) {
      await expectProblem(fetch, path, { ...post(), token: null, code });
    }
    const unknown = `did:cis:node1:${"a".repeat(43)}`;
    await expectProblem(fetch, path, { ...post(), token: unknown, code });
    await expectProblem(fetch, path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
      code: "invalid_json",
    });
    await expectProblem(fetch, path, { ...post({ more: 1 }), code: "invalid_request" });
    assert.deepEqual(rowsOf(test), []);
    const metrics = await (await fetch("/metrics")).text();
    assert.ok(metrics.includes('cis_refused_requests_total{code="unauthenticated"} 6\n'), metrics);
    assert.ok(metrics.includes('cis_refused_requests_total{code="invalid_json"} 1\n'), metrics);
  });
});

Deno.test("one token causes sixty rows at once, then one a minute, and hides no other's", async () => {
  const clock = new FakeClock();
  await withNode(async (test) => {
    const { fetch } = test;
    await Promise.all(Array.from({ length: 200 }, (_, at) => confirmNothing(fetch, `d-${at}`)));
    assert.equal(rowsOf(test).length, 60);
    const other = await test.as(["approver"]);
    await confirmNothing(fetch, "d-1", other);
    assert.equal(rowsOf(test).length, 61);
    clock.jump(60_000);
    await confirmNothing(fetch, "later");
    await confirmNothing(fetch, "too-soon");
    const rows = rowsOf(test);
    assert.equal(rows.length, 62);
    assert.deepEqual([rows[0]?.target, rows[0]?.detail], ["later", {
      refusals_without_a_row: 140,
    }]);
  }, { timer: clock });
});

Deno.test("the same refusal gets one row an hour", async () => {
  const clock = new FakeClock();
  await withNode(async (test) => {
    for (let time = 0; time < 10; time++) await confirmNothing(test.fetch, "d");
    assert.equal(rowsOf(test).length, 1);
    clock.jump(3_600_000 - 1);
    await confirmNothing(test.fetch, "d");
    assert.equal(rowsOf(test).length, 1);
    clock.jump(1);
    await confirmNothing(test.fetch, "d");
    assert.deepEqual(rowsOf(test)[0]?.detail, { refusals_without_a_row: 10 });
  }, { timer: clock });
});

async function confirmNothing(fetch: TestFetch, id: string, token?: string): Promise<void> {
  const init = { ...post(), code: "dag_not_found", ...(token ? { token } : {}) } as const;
  await expectProblem(fetch, `/api/v1/dag/${id}/confirm`, init);
}

Deno.test("what stood in the address is kept short and without a token", async () => {
  await withNode(async (test) => {
    const { fetch, token } = test;
    await confirmNothing(fetch, encodeURIComponent(token));
    await confirmNothing(fetch, "x".repeat(5_000));
    const [long, masked] = rowsOf(test);
    assert.equal(long?.target?.length, 200);
    assert.ok(masked?.target?.includes("***"), masked?.target ?? "no target");
    assert.ok(!masked?.target?.includes(token.split(":").at(-1) ?? "no secret"));
  });
});

Deno.test("a refusal that can't be written down is a refusal all the same", async () => {
  await withNode(async (test) => {
    test.node.db.run("ALTER TABLE audit RENAME TO gone");
    await confirmNothing(test.fetch, "d");
    assert.ok(test.reports.some((line) => line.includes("not in the audit log")));
  });
});
