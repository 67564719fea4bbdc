/** Addresses, ids and parameters that are none. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../lib/errors.ts";
import { publishDag, startDag } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { dagOf, expectProblem, failsAtOnce } from "./api_fixture.ts";
import { stillServes } from "./still_serves.ts";

const PUBLISH = "/api/v1/dag/publish";

const IDS = [
  "..%2F..%2Fetc%2Fpasswd",
  "%2e%2e%2f",
  "..%5C..",
  "%00",
  "a%00b",
  "a:b",
  "a%3Ab",
  "%",
  "%ff%fe",
  "%25",
  "%F0%9F%98%80",
  "' OR 1=1 --",
  "%27%20OR%201%3D1%20--",
  "__proto__",
  "constructor",
  "dag-run-00000000-0000-0000-0000-000000000000",
  "x".repeat(5000),
  "%20",
  "*",
  "{id}",
];
const ADDRESSES: readonly (readonly [method: string, path: string, code: ErrorCode])[] = [
  ["GET", "/api/v1/runs/ID", "run_not_found"],
  ["GET", "/api/v1/runs/ID/logs", "run_not_found"],
  ["GET", "/api/v1/runs/ID/events", "run_not_found"],
  ["GET", "/api/v1/runs/ID/tasks/a", "run_not_found"],
  ["POST", "/api/v1/runs/ID/cancel", "run_not_found"],
  ["POST", "/api/v1/runs/ID/retry", "run_not_found"],
  ["GET", "/api/v1/dag/ID", "dag_not_found"],
  ["GET", "/api/v1/dag/ID/status", "dag_not_found"],
  ["GET", "/api/v1/dag/ID/versions", "dag_not_found"],
  ["GET", "/api/v1/dag/ID/diff", "dag_not_found"],
  ["POST", "/api/v1/dag/ID/confirm", "dag_not_found"],
  ["POST", "/api/v1/dag/ID/run", "dag_not_found"],
  ["POST", "/api/v1/dag/ID/analyze", "dag_not_found"],
  ["GET", "/api/v1/workers/ID", "worker_not_found"],
  ["GET", "/api/v1/workers/ID/logs", "worker_not_found"],
  ["POST", "/api/v1/workers/ID/stop", "worker_not_found"],
  ["GET", "/api/v1/tokens/ID", "token_not_found"],
  ["DELETE", "/api/v1/tokens/ID", "token_not_found"],
  ["GET", "/api/v1/task/ID/status", "task_not_found"],
];

for (const [method, path, code] of ADDRESSES) {
  Deno.test(`${method} ${path} with odd ids is ${code}`, async () => {
    await withStillNode(async (test) => {
      for (const id of IDS) {
        await expectProblem(test.fetch, path.replace("ID", id), { method, code });
      }
      await stillServes(test);
    });
  });
}

Deno.test("a task's odd ids are refused in a run that exists", async () => {
  await withStillNode(async ({ fetch }) => {
    const { run_id } = await startDag(fetch, failsAtOnce("d"));
    for (const id of IDS) {
      for (const rest of ["", "/logs"]) {
        const path = `/api/v1/runs/${run_id}/tasks/${id}${rest}`;
        await expectProblem(fetch, path, { code: "task_not_found" });
      }
    }
  });
});

Deno.test("addresses that lead nowhere are problems as well", async () => {
  await withStillNode(async ({ fetch }) => {
    const paths = [
      "/api/v1/",
      "/api/v1/nothing",
      "/api/v2/dag",
      "/api/v1/runs/../../nothing",
      "/api/../api/nothing",
      "/api/v1/runs/..",
      "/api/v1/runs/%2e%2e",
      "/api/v1/runs/x/",
      "/api//v1//nothing",
      "/api/v1/dag/x/confirm/y",
    ];
    for (const path of paths) await expectProblem(fetch, path, { code: "not_found" });
    const wrong: readonly (readonly [string, string, string])[] = [
      ["DELETE", "/api/v1/dag", "GET"],
      ["GET", PUBLISH, "POST"],
      ["PUT", "/api/v1/dag/x", "GET"],
      ["PATCH", "/api/v1/tokens", "POST"],
    ];
    for (const [method, path, allowed] of wrong) {
      const response = await fetch(path, { method });
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.ok(response.headers.get("allow")?.includes(allowed), `${method} ${path}`);
      assert.equal((await response.json()).code, "method_not_allowed");
    }
  });
});

Deno.test("query parameters of the wrong kind name themselves", async () => {
  await withStillNode(async ({ fetch }) => {
    await publishDag(fetch, dagOf("d"));
    const queries = [
      "/api/v1/dag/d?version=0",
      "/api/v1/dag/d?version=-1",
      "/api/v1/dag/d?version=1.5",
      "/api/v1/dag/d?version=99999999999999999999",
      "/api/v1/dag/d/diff?from=x",
      "/api/v1/dag?limit=-1",
      "/api/v1/audit?limit=NaN",
    ];
    for (const path of queries) {
      const { detail } = await expectProblem(fetch, path, { code: "invalid_request" });
      assert.ok(detail.includes(/[?&](\w+)=/.exec(path)?.[1] ?? "?"), detail);
    }
    await expectProblem(fetch, "/api/v1/dag/d?version=7", { code: "dag_not_found" });
  });
});
