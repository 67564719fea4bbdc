/** Documents that are no DAG: a clear problem comes back, and the node goes on. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../lib/errors.ts";
import type { TestRequest } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { dagOf, expectProblem } from "./api_fixture.ts";
import { stillServes } from "./still_serves.ts";

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
