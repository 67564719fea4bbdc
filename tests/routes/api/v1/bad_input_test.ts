/** Whatever is sent: a clear problem comes back, and the node goes on. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../lib/errors.ts";
import { publishDag, startDag, type TestRequest } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { type ApiTest, dagOf, elsewhere, expectProblem, getJson, withApi } from "./api_fixture.ts";

const PUBLISH = "/api/v1/dag/publish";

interface BadBody {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly type?: string;
  readonly code: ErrorCode;
  /** Where a problem must be found, and of which code. */
  readonly at?: readonly [path: string, code: string];
}

const json = (value: unknown): string => JSON.stringify(value);
const oneTask = (task: object): string => json({ dag_id: "d", tasks: [{ id: "a", ...task }] });
const raw = (field: string): string => `{"dag_id":"d","tasks":[{"id":"a","type":"noop"}],${field}}`;

const BODIES: readonly BadBody[] = [
  { name: "nothing", body: "", code: "invalid_spec", at: ["", "not_an_object"] },
  {
    name: "half of JSON",
    body: '{"dag_id": "d", "tasks": [',
    type: "application/json",
    code: "invalid_json",
  },
  {
    name: "half of JSON, type unsaid",
    body: '{"dag_id": ',
    code: "invalid_spec",
    at: ["", "syntax_error"],
  },
  {
    name: "broken YAML",
    body: "dag_id: [a\ntasks: }",
    type: "application/yaml",
    code: "invalid_spec",
    at: ["", "syntax_error"],
  },
  {
    name: "broken TOML",
    body: "dag_id = \n[[tasks]",
    type: "application/toml",
    code: "invalid_spec",
    at: ["", "syntax_error"],
  },
  {
    name: "JSON said to be TOML",
    body: "{}",
    type: "application/toml",
    code: "invalid_spec",
    at: ["", "syntax_error"],
  },
  {
    name: "a YAML bomb",
    body: `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(9)}]\nc: &c [${
      "*b,".repeat(9)
    }]\nd: &d [${"*c,".repeat(9)}]\ne: [${"*d,".repeat(9)}]`,
    type: "application/yaml",
    code: "invalid_spec",
    at: ["", "too_large"],
  },
  {
    name: "a YAML circle",
    body: "dag_id: &x\n  y: *x\n",
    type: "application/yaml",
    code: "invalid_spec",
  },
  {
    name: "bytes that aren't UTF-8",
    body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
    code: "invalid_request",
  },
  {
    name: "a list",
    body: "[]",
    type: "application/json",
    code: "invalid_spec",
    at: ["", "not_an_object"],
  },
  {
    name: "null",
    body: "null",
    type: "application/json",
    code: "invalid_spec",
    at: ["", "not_an_object"],
  },
  { name: "a number", body: "1e400", type: "application/json", code: "invalid_spec" },
  {
    name: "no tasks",
    body: json({ dag_id: "d" }),
    code: "invalid_spec",
    at: ["tasks", "missing_field"],
  },
  {
    name: "an empty list of tasks",
    body: json({ dag_id: "d", tasks: [] }),
    code: "invalid_spec",
    at: ["tasks", "empty_tasks"],
  },
  {
    name: "tasks of the wrong type",
    body: json({ dag_id: "d", tasks: "a" }),
    code: "invalid_spec",
    at: ["tasks", "wrong_type"],
  },
  {
    name: "a task that is none",
    body: json({ dag_id: "d", tasks: [null] }),
    code: "invalid_spec",
    at: ["tasks[0]", "wrong_type"],
  },
  {
    name: "a command that is a number",
    body: oneTask({ type: "shell", command: 7 }),
    code: "invalid_spec",
    at: ["tasks[0].command", "wrong_type"],
  },
  {
    name: "an unknown type",
    body: oneTask({ type: "shel", command: "x" }),
    code: "invalid_spec",
    at: ["tasks[0].type", "bad_value"],
  },
  {
    name: "an unknown field",
    body: oneTask({ type: "noop", comand: "x" }),
    code: "invalid_spec",
    at: ["tasks[0].comand", "unknown_field"],
  },
  {
    name: "a task that waits for itself",
    body: oneTask({ type: "noop", depends_on: ["a"] }),
    code: "invalid_spec",
    at: ["tasks[0].depends_on[0]", "self_dependency"],
  },
  {
    name: "an unknown dependency",
    body: oneTask({ type: "noop", depends_on: ["b"] }),
    code: "invalid_spec",
    at: ["tasks[0].depends_on[0]", "unknown_dependency"],
  },
  {
    name: "a DAG id with a path",
    body: json({ dag_id: "../etc/passwd", tasks: [{ id: "a", type: "noop" }] }),
    code: "invalid_spec",
    at: ["dag_id", "bad_id"],
  },
  {
    name: "a DAG id with a NUL",
    body: json({ dag_id: "a\0b", tasks: [{ id: "a", type: "noop" }] }),
    code: "invalid_spec",
    at: ["dag_id", "bad_text"],
  },
  {
    name: "a DAG id with a colon",
    body: json({ dag_id: "a:b", tasks: [{ id: "a", type: "noop" }] }),
    code: "invalid_spec",
    at: ["dag_id", "bad_id"],
  },
  {
    name: "a scope that leads out",
    body: raw('"scope":{"type":"project","project_id":".."}'),
    code: "invalid_spec",
    at: ["scope.project_id", "bad_id"],
  },
  {
    name: "a scope with a slash",
    body: raw('"scope":{"type":"user","user_id":"a/../b"}'),
    code: "invalid_spec",
    at: ["scope.user_id", "bad_id"],
  },
  {
    name: "a directory that leads out",
    body: oneTask({ type: "shell", command: "x", cwd: "../.." }),
    code: "invalid_spec",
    at: ["tasks[0].cwd", "bad_path"],
  },
  {
    name: "__proto__ at the top",
    body: raw('"__proto__":{"admin":true}'),
    code: "invalid_spec",
    at: ["__proto__", "forbidden_key"],
  },
  {
    name: "__proto__ within",
    body: '{"dag_id":"d","tasks":[{"id":"a","type":"noop","__proto__":{"command":"x"}}]}',
    code: "invalid_spec",
    at: ["tasks[0].__proto__", "forbidden_key"],
  },
  {
    name: "__proto__ in YAML",
    body: "dag_id: d\ntasks: []\n__proto__: {a: 1}",
    type: "application/yaml",
    code: "invalid_spec",
  },
  {
    name: "constructor as a field",
    body: raw('"constructor":{"prototype":{}}'),
    code: "invalid_spec",
    at: ["constructor", "unknown_field"],
  },
  { name: "a huge number", body: raw('"max_parallel":1e400'), code: "invalid_spec" },
  {
    name: "a large number",
    body: raw('"max_parallel":9007199254740993'),
    code: "invalid_spec",
    at: ["max_parallel", "out_of_range"],
  },
  { name: "a version that is huge", body: raw('"version":1e300'), code: "invalid_spec" },
  {
    name: "a version below one",
    body: raw('"version":0'),
    code: "invalid_spec",
    at: ["version", "out_of_range"],
  },
  { name: "a timeout without end", body: raw('"timeout":1e300'), code: "invalid_spec" },
  {
    name: "a timeout of nothing",
    body: raw('"timeout":0'),
    code: "invalid_spec",
    at: ["timeout", "out_of_range"],
  },
  {
    name: "JSON nested 100,000 deep",
    body: `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    type: "application/json",
    code: "invalid_spec",
    at: ["[0][0][0][0][0][0][0][0]", "too_deep"],
  },
  {
    name: "objects nested 50,000 deep",
    body: `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
    type: "application/json",
    code: "invalid_spec",
  },
  {
    name: "YAML nested deep",
    body: "[".repeat(50_000),
    type: "application/yaml",
    code: "invalid_spec",
  },
  {
    name: "TOML nested deep",
    body: `a = ${"[".repeat(50_000)}`,
    type: "application/toml",
    code: "invalid_spec",
  },
  {
    name: "half a surrogate pair",
    body: raw('"description":"\\ud800"'),
    code: "invalid_spec",
    at: ["description", "bad_text"],
  },
];

for (const { name, body, type, code, at } of BODIES) {
  Deno.test(`publish: ${name} is ${code}${at ? ` (${at[1]})` : ""}`, async () => {
    await withStillNode(async (test) => {
      const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
      for (const path of [PUBLISH, "/api/v1/dag/validate"]) {
        // As bytes: a string would give itself a content type.
        const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
        const init: TestRequest = { method: "POST", body: bytes as BodyInit, headers };
        const problem = await expectProblem(test.fetch, path, { ...init, code });
        if (code === "invalid_spec") assert.ok((problem.errors ?? []).length > 0, "errors[]");
        for (const error of problem.errors ?? []) {
          assert.ok(error.code !== "" && error.message.length > 5, JSON.stringify(error));
        }
        if (at === undefined) continue;
        const found = problem.errors?.map((error) => [error.path, error.code]) ?? [];
        assert.ok(found.some(([path, code]) => path === at[0] && code === at[1]), json(found));
      }
      await stillServes(test);
    });
  });
}

async function stillServes({ fetch, node, reports }: Pick<ApiTest, "fetch" | "node" | "reports">) {
  assert.deepEqual(reports, [], "nothing of that was the node's own fault");
  assert.equal(node.specs.load("d"), undefined);
  assert.equal((await publishDag(fetch, dagOf("after"))).status, "waiting_confirmation");
  assert.equal(({} as Record<string, unknown>)["admin"], undefined);
}

Deno.test("a cycle is told with its path", async () => {
  await withStillNode(async ({ fetch }) => {
    const { errors = [] } = await expectProblem(fetch, PUBLISH, {
      code: "invalid_spec",
      method: "POST",
      body: dagOf("d", { a: ["c"], b: ["a"], c: ["b"], free: [] }),
    });
    const [cycle] = errors.filter(({ code }) => code === "cycle");
    for (const id of ["a", "b", "c"]) assert.match(cycle?.message ?? "", new RegExp(`\\b${id}\\b`));
    assert.doesNotMatch(cycle?.message ?? "", /free/);
  });
});

Deno.test("all problems are told at once, each with its place", async () => {
  await withStillNode(async ({ fetch }) => {
    const { errors = [], detail } = await expectProblem(fetch, PUBLISH, {
      code: "invalid_spec",
      method: "POST",
      body: {
        dag_id: "a:b",
        priority: "now",
        tasks: [
          { id: "a", type: "shell" },
          { id: "a", type: "noop", depends_on: ["x", "a"] },
          { id: "b", type: "noop", timeout: "soon" },
        ],
      },
    });
    const found = errors.map(({ path }) => path);
    for (const path of ["dag_id", "priority", "tasks[0].command", "tasks[1].id"]) {
      assert.ok(found.includes(path), `${path} in ${found}`);
    }
    assert.ok(found.includes("tasks[1].depends_on[0]") && found.includes("tasks[2].timeout"));
    assert.match(detail, /and \d+ more/);
  });
});

Deno.test("10,000 tasks are taken and 10,001 are not", async () => {
  const of = (count: number): object => ({
    dag_id: "many",
    target_node: "elsewhere",
    tasks: Array.from({ length: count }, (_, index) => ({
      id: `t${index}`,
      type: "noop",
      depends_on: index === 0 ? [] : [`t${index - 1}`],
    })),
  });
  await withStillNode(async (test) => {
    const { errors = [] } = await expectProblem(test.fetch, PUBLISH, {
      code: "invalid_spec",
      method: "POST",
      body: of(10_001),
    });
    assert.deepEqual(errors.map(({ path, code }) => [path, code]), [["tasks", "too_many_tasks"]]);
    const begun = performance.now();
    const published = await publishDag(test.fetch, of(10_000));
    const took = performance.now() - begun;
    assert.equal(published.tasks_count, 10_000);
    assert.ok(took < 20_000, `took ${took} ms`);
    const { run_id } = await startDag(test.fetch, of(10_000));
    const run = await getJson(test.fetch, `/api/v1/runs/${run_id}`);
    assert.equal(run.tasks.length, 10_000);
    assert.equal((await getJson(test.fetch, "/health", { token: null })).status, "ok");
  });
});

Deno.test("2 MiB are refused without being read, whether their length is said or not", async () => {
  await withApi(async (test) => {
    const limit = test.node.config.max_body_bytes;
    const said = { method: "POST", headers: { "content-length": String(2 * limit) } };
    let pulled = 0;
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull(controller): void {
          pulled += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(0x20));
        },
      }, { highWaterMark: 0 });
    await expectProblem(test.fetch, PUBLISH, { ...said, body: endless(), code: "body_too_large" });
    assert.ok(pulled <= 65_536, `${pulled} bytes were read although the length was said`);
    pulled = 0;
    await expectProblem(test.fetch, PUBLISH, {
      method: "POST",
      body: endless(),
      code: "body_too_large",
    });
    assert.ok(pulled <= limit + 2 * 65_536, `${pulled} bytes were read`);
    // Over the network, where a body has to go somewhere.
    const authorization = `Bearer ${test.token}`;
    const body = new Uint8Array(2 * limit);
    const response = await fetch(test.url + PUBLISH, {
      method: "POST",
      body,
      headers: { authorization },
    });
    assert.deepEqual([response.status, (await response.json()).code], [413, "body_too_large"]);
    assert.equal((await publishDag(test.fetch, dagOf("after"))).version, 1);
  });
});

Deno.test("a body of exactly the limit is read", async () => {
  await withStillNode(async ({ fetch }) => {
    const body = (size: number): string => {
      const text = json(dagOf("d"));
      return text + " ".repeat(size - text.length);
    };
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    assert.equal((await fetch(PUBLISH, { ...init, body: body(5000) })).status, 200);
    await expectProblem(fetch, PUBLISH, { ...init, body: body(5001), code: "body_too_large" });
  }, { config: { max_body_bytes: 5000 } });
});

const TYPES: readonly (readonly [type: string, code: ErrorCode | null])[] = [
  ["application/json", null],
  ["application/json; charset=utf-8", null],
  ["Application/JSON", null],
  ["application/vnd.dag+json", null],
  ["application/x-www-form-urlencoded", null],
  ["application/yaml", null],
  ["text/yaml", null],
  ["text/plain", "unsupported_media_type"],
  ["multipart/form-data; boundary=x", "unsupported_media_type"],
  ["application/xml", "unsupported_media_type"],
  ["application/octet-stream", "unsupported_media_type"],
  ["constructor", "unsupported_media_type"],
  ["__proto__", "unsupported_media_type"],
  ["toString", "unsupported_media_type"],
  ["x".repeat(5000), "unsupported_media_type"],
];

for (const [type, code] of TYPES) {
  Deno.test(`a body of type ${type.slice(0, 40)} is ${code ?? "read"}`, async () => {
    await withStillNode(async ({ fetch }) => {
      const init = { method: "POST", headers: { "content-type": type }, body: json(dagOf("d")) };
      if (code !== null) return void await expectProblem(fetch, PUBLISH, { ...init, code });
      assert.equal((await fetch(PUBLISH, init)).status, 200);
    });
  });
}

Deno.test("a body that is no DAG has to be JSON", async () => {
  await withStillNode(async ({ fetch }) => {
    await publishDag(fetch, dagOf("d"));
    const cases: readonly [type: string, body: string, code: ErrorCode][] = [
      ["application/yaml", "reason: no", "unsupported_media_type"],
      ["application/json", "reason: no", "invalid_json"],
      ["application/json", "null", "invalid_request"],
      ["application/json", "[]", "invalid_request"],
      ["application/json", "{}", "invalid_request"],
      ["application/json", '{"reason": ""}', "invalid_request"],
      ["application/json", '{"reason": "   "}', "invalid_request"],
      ["application/json", '{"reason": 7}', "invalid_request"],
      ["application/json", '{"reason": "no", "more": 1}', "invalid_request"],
      ["application/json", '{"reason": "no", "__proto__": {}}', "invalid_request"],
      ["application/json", `{"reason": "${"x".repeat(4001)}"}`, "invalid_request"],
      ["application/json", `{"reason": ${"[".repeat(100_000)}`, "invalid_json"],
    ];
    for (const [type, body, code] of cases) {
      const init = { method: "POST", headers: { "content-type": type }, body };
      const problem = await expectProblem(fetch, "/api/v1/dag/d/reject", { ...init, code });
      if (code === "invalid_request") assert.ok(problem.errors?.[0]?.code, "errors[] has codes");
    }
    const status = await getJson(fetch, "/api/v1/dag/d/status");
    assert.equal(status.status, "waiting_confirmation");
  });
});

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
    const { run_id } = await startDag(fetch, elsewhere("d"));
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
