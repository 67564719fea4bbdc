import assert from "node:assert/strict";
import { MAX_PROBLEMS, parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import { PROBLEM_CODES } from "../../lib/schema/spec_problem.ts";
import { dagWith, faultsOf, problemsOf, specOf } from "./expect_spec.ts";
import { assertLinear } from "../helpers/growth.ts";

/** Tasks by id and what they depend on. */
function tasksOf(edges: Record<string, string>): Record<string, unknown>[] {
  return Object.entries(edges).map(([id, names]) => ({
    id,
    type: "noop",
    depends_on: names.split(" ").filter((name) => name !== ""),
  }));
}

Deno.test("all problems are told at once, whatever their kind", () => {
  const faults = faultsOf({
    dag_id: "proj-",
    priorty: "high",
    schedule: "60 * * * *",
    max_parallel: 0,
    version: "x",
    tasks: [
      { id: "a", type: "shell", command: "", depends_on: ["b", "c", "a"] },
      { id: "b", type: "shel", deps: ["a"], timeout: "x" },
      { id: "a", skill: "shell" },
      { id: "d", type: "noop", target_node: "n" },
      "e",
    ],
  });
  assert.deepEqual(faults, [
    "dag_id bad_id",
    "max_parallel out_of_range",
    "priorty unknown_field",
    "schedule.cron bad_cron",
    "tasks[0].command out_of_range",
    "tasks[0].depends_on[0] cycle",
    "tasks[0].depends_on[1] unknown_dependency",
    "tasks[0].depends_on[2] self_dependency",
    "tasks[1].timeout bad_duration",
    "tasks[1].type bad_value",
    "tasks[2].command missing_field",
    "tasks[2].id duplicate_id",
    "tasks[3].target_node unsupported_field",
    "tasks[4] wrong_type",
    "version wrong_type",
  ]);
});

Deno.test("every problem has a code from the catalogue, a path and a message", () => {
  const documents = [null, [], "x", 5, {}, dagWith({ x: 1, tasks: [{}, 5, { type: "deno" }] })];
  for (const document of documents) {
    for (const { path, code, message } of problemsOf(document)) {
      assert.ok(Object.hasOwn(PROBLEM_CODES, code), code);
      assert.equal(typeof path, "string");
      assert.ok(message.length > 5, message);
    }
  }
});

Deno.test("a document that is not an object is refused", () => {
  for (const document of [null, [], "text", 5, true]) {
    assert.deepEqual(faultsOf(document), [" not_an_object"]);
  }
});

Deno.test("duplicate ids, unknown and repeated dependencies", () => {
  const document = {
    dag_id: "d",
    tasks: [...tasksOf({ fetch: "", build: "fetsh fetch fetch" }), ...tasksOf({ fetch: "" })],
  };
  assert.deepEqual(faultsOf(document), [
    "tasks[1].depends_on[0] unknown_dependency",
    "tasks[1].depends_on[2] duplicate_value",
    "tasks[2].id duplicate_id",
  ]);
  const messages = problemsOf(document).map(({ message }) => message).join("\n");
  assert.match(messages, /"fetch" is already that of tasks\[0\]/);
  assert.match(messages, /no task "fetsh".*did you mean "fetch"/);
});

Deno.test("a cycle is told once, with its path", () => {
  const faults = problemsOf({ dag_id: "d", tasks: tasksOf({ x: "", a: "x b", b: "c", c: "a" }) });
  assert.deepEqual(faults, [{
    path: "tasks[1].depends_on[1]",
    code: "cycle",
    message: "the tasks wait for each other: a → b → c → a",
  }]);
  const two = problemsOf({
    dag_id: "d",
    tasks: tasksOf({ a: "b", b: "a", c: "d", d: "c", e: "a c" }),
  });
  assert.deepEqual(two.map(({ message }) => message.slice(-9)), ["a → b → a", "c → d → c"]);
});

Deno.test("a task that depends on itself is told as that and not as a cycle", () => {
  assert.deepEqual(faultsOf({ dag_id: "d", tasks: tasksOf({ a: "a", b: "b a" }) }), [
    "tasks[0].depends_on[0] self_dependency",
    "tasks[1].depends_on[0] self_dependency",
  ]);
});

Deno.test("a long cycle is cut in the message", () => {
  const size = 5_000;
  const ring = Array.from({ length: size }, (_, i) => ({
    id: `t${i}`,
    type: "noop",
    depends_on: [`t${(i + 1) % size}`],
  }));
  const [found] = problemsOf({ dag_id: "d", tasks: ring });
  assert.match(found?.message ?? "", /t0 → t1 → .*\(4989 more\) → t4999 → t0$/);
  assert.ok((found?.message.length ?? Infinity) < 200);
});

Deno.test("names that every object has are ordinary task ids", () => {
  const tasks = tasksOf({ constructor: "", toString: "constructor", hasOwnProperty: "toString" });
  assert.equal(specOf({ dag_id: "d", tasks }).tasks.length, 3);
  assert.deepEqual(faultsOf({ dag_id: "d", tasks: tasksOf({ a: "constructor" }) }), [
    "tasks[0].depends_on[0] unknown_dependency",
  ]);
});

Deno.test("the limit of tasks holds, in every spelling, and is configurable", () => {
  const tasks = tasksOf({ a: "", b: "", c: "" });
  for (const document of [{ dag_id: "d", tasks }, { dag_id: "d", dag: { tasks } }]) {
    assert.deepEqual(faultsOf(document, { maxTasks: 2 }), ["tasks too_many_tasks"]);
    assert.equal(specOf(document, { maxTasks: 3 }).tasks.length, 3);
  }
  const many = Array.from({ length: 10_001 }, (_, i) => ({ id: `t${i}`, type: "noop" }));
  assert.deepEqual(faultsOf({ dag_id: "d", tasks: many }), ["tasks too_many_tasks"]);
});

Deno.test("the list of problems has an end", () => {
  const tasks = Array.from({ length: 5_000 }, (_, i) => ({ id: `t${i}`, type: "nope", x: 1 }));
  const problems = problemsOf({ dag_id: "d", tasks });
  assert.equal(problems.length, MAX_PROBLEMS + 1);
  assert.equal(problems.at(-1)?.code, "more_problems");
  assert.match(problems.at(-1)?.message ?? "", /^9000 more/);
});

/** Values that JSON does not have, or that do harm. */
const NOT_PLAIN: [Record<string, unknown>, string][] = [
  [dagWith({}, { command: "a\0b" }), "tasks[0].command bad_text"],
  [dagWith({ env: { "A\0": "x" } }), 'env["A\\u0000"] bad_text'],
  [dagWith({ description: "\ud800" }), "description bad_text"],
  [JSON.parse('{"dag_id":"d","env":{"__proto__":"x"}}'), "env.__proto__ forbidden_key"],
  [dagWith({ timeout: NaN }), "timeout not_json"],
  [dagWith({ timeout: Infinity }), "timeout not_json"],
  [dagWith({ description: new Date(0) }), "description not_json"],
  [dagWith({ description: undefined }), "description not_json"],
  [dagWith({ env: new Map() }), "env not_json"],
  [dagWith({ max_parallel: 8n }), "max_parallel not_json"],
  [dagWith({ x: () => 1 }), "x not_json"],
];
for (const [document, expected] of NOT_PLAIN) {
  Deno.test(`not plain JSON: ${expected}`, () => assert.deepEqual(faultsOf(document), [expected]));
}

Deno.test("a document that is too deep or goes in circles is refused", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const params of [{ deep }, circle]) {
    const [found] = problemsOf(
      dagWith({ tasks: [{ id: "a", type: "skill", skill: "x", params }] }),
    );
    assert.equal(found?.code, "too_deep");
  }
});

Deno.test("the scope that was inferred is part of the spec, and its rule is told", () => {
  const result = parseSpecDocument(dagWith({ dag_id: "proj-abc-deploy" }));
  assert.ok(result.ok);
  assert.deepEqual(result.spec.scope, { type: "project", project_id: "abc", reuse_worker: true });
  assert.equal(result.scope_source, "dag_id_prefix");
  const again = parseSpecDocument(result.spec);
  assert.ok(again.ok);
  assert.equal(again.scope_source, "spec");
  assert.equal(again.spec_hash, result.spec_hash);
});

Deno.test("the DAG's env counts for the scope, and a bad value is told where it stands", () => {
  const spec = specOf(dagWith({ env: { PROJECT_ID: "abc" } }));
  assert.deepEqual(spec.scope, { type: "project", project_id: "abc", reuse_worker: true });
  assert.deepEqual(faultsOf(dagWith({ env: { PROJECT_ID: "a/b" } })), ["env.PROJECT_ID bad_id"]);
  assert.deepEqual(faultsOf(dagWith({}, { env: { USER_ID: "" } })), [
    "tasks[0].env.USER_ID bad_id",
  ]);
  const given = dagWith({ scope: { type: "global" } }, { env: { PROJECT_ID: "a/b" } });
  assert.deepEqual(specOf(given).scope, { type: "global" });
});

Deno.test("the version is told apart from the spec", () => {
  const result = parseSpecDocument(dagWith({ version: 3 }));
  const without = parseSpecDocument(dagWith());
  assert.ok(result.ok && without.ok);
  assert.equal(result.version, 3);
  assert.ok(!("version" in without) && !("version" in result.spec));
  assert.equal(result.spec_hash, without.spec_hash);
});

Deno.test("a fallback DAG id is used only where the document has none", () => {
  const tasks = tasksOf({ a: "" });
  assert.equal(specOf({ tasks }, { dagId: "from-file" }).dag_id, "from-file");
  assert.equal(specOf({ dag_id: "own", tasks }, { dagId: "from-file" }).dag_id, "own");
  assert.equal(specOf({ skill: { name: "own" }, tasks }, { dagId: "from-file" }).dag_id, "own");
  assert.deepEqual(faultsOf({ tasks }, { dagId: "no id" }), ["dag_id bad_id"]);
});

/** Tasks that each depend on the five before. */
function interwoven(size: number): { id: string; depends_on: string[] }[] {
  const name = (i: number): string => `task-${i}`;
  return Array.from({ length: size }, (_, i) => ({
    ...{ id: name(i), type: "shell", command: "true" },
    depends_on: i < 5 ? [] : [1, 2, 3, 4, 5].map((back) => name(i - back)),
  }));
}

const BIG_SPECS: readonly [what: string, ok: boolean, of: (size: number) => object[]][] = [
  ["good", true, interwoven],
  ["in a circle", false, (size) => {
    const [first, ...tasks] = interwoven(size);
    return [{ ...first, depends_on: [`task-${size - 1}`] }, ...tasks];
  }],
  [
    "with dependencies that aren't there",
    false,
    (size) => interwoven(size).map((task) => ({ ...task, depends_on: ["tsk-1"] })),
  ],
];
for (const [what, ok, of] of BIG_SPECS) {
  Deno.test(`10,000 tasks with 50,000 dependencies are read in linear time: ${what}`, () => {
    const parse = (size: number): () => void => {
      const document = { dag_id: "d", tasks: of(size) };
      return () => assert.equal(parseSpecDocument(document).ok, ok);
    };
    assertLinear(parse(2_500), parse(10_000));
  });
}

Deno.test("a chain of 10,000 tasks, last first, does not overflow the stack", () => {
  const size = 10_000;
  const tasks = Array.from({ length: size }, (_, i) => ({
    id: `t${i}`,
    type: "noop",
    depends_on: i + 1 < size ? [`t${i + 1}`] : [],
  }));
  assert.equal(specOf({ dag_id: "d", tasks }).tasks.length, size);
});
