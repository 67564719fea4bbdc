import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { canonicalJson } from "../../lib/schema/canonical_json.ts";
import { DagSpec } from "../../lib/schema/dag_spec.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import { specHash } from "../../lib/schema/spec_hash.ts";
import { PROBLEM_CODES } from "../../lib/schema/spec_problem.ts";

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const text = fc.string({ minLength: 1, maxLength: 30 }).filter((value) =>
  value.trim() !== "" && !value.includes("\0")
);
const envName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/).filter((value) =>
  !value.startsWith("CIS_") && !["PROJECT_ID", "USER_ID", "SCOPE_TYPE", "__proto__"].includes(value)
);
const env = fc.dictionary(envName, text, { maxKeys: 3 });
const duration = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom("ms", "s", "m", "h", "d")).map((
    parts,
  ) => parts.join("")),
);
const size = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom("B", "KiB", "MB", "GiB"))
  .map((parts) => parts.join(""));
const json = fc.jsonValue({ maxDepth: 3 }).filter((value) =>
  value !== null && !JSON.stringify(value).includes("__proto__") &&
  !JSON.stringify(value).includes("\\u0000")
);

const level = fc.oneof(
  fc.record({ type: fc.constant("mechanical"), retry: fc.nat(99) }, { requiredKeys: ["type"] }),
  fc.record({
    type: fc.constant("recommended"),
    default_action: fc.constantFrom("execute", "Skip", "abort"),
    timeout: duration,
  }),
  fc.record({ type: fc.constant("confirmed"), timeout: duration }, { requiredKeys: ["type"] }),
  fc.record({
    type: fc.constant("arbitrated"),
    stakeholders: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
  }),
);

const retry = fc.oneof(
  fc.nat(99),
  fc.record({
    max_attempts: fc.integer({ min: 1, max: 100 }),
    delay: fc.constantFrom(1, "250ms", "10m"),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }, { requiredKeys: [] }),
);

const common = {
  name: fc.oneof(text, fc.constant(null), fc.constant("")),
  env,
  secrets: fc.uniqueArray(envName, { maxLength: 3 }),
  cwd: fc.constantFrom("a", "./a/b/", "a//b", "."),
  timeout: duration,
  retry,
  level,
  on_failure: fc.constantFrom("blocking", "Ignorable"),
  run_if: fc.constantFrom("all_success", "AllDone", "any_failed"),
  rollback: fc.array(text, { maxLength: 2 }),
  idempotent: fc.boolean(),
  permissions: fc.record({ run: fc.uniqueArray(text.filter((entry) => !entry.includes(","))) }, {
    requiredKeys: [],
  }),
  resources: fc.record({ memory: size, cpu: fc.integer({ min: 1, max: 8 }) }, { requiredKeys: [] }),
};

const kinds: Record<string, fc.Arbitrary<unknown>>[] = [
  { type: fc.constant("shell"), command: text },
  { type: fc.constantFrom("deno", "Deno"), script: text, args: json },
  { type: fc.constant("deno"), module: fc.constantFrom("a.ts", "./b/c.ts") },
  {
    type: fc.constant("http"),
    request: fc.record({
      method: fc.constantFrom("post", "PUT"),
      url: fc.webUrl(),
      headers: fc.constantFrom({}, { "X-A": "1" }),
      body: json,
      expect_status: fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constant([204, 200, 200])),
    }, { requiredKeys: ["method", "url"] }),
  },
  { type: fc.constant("skill"), skill: text, params: fc.dictionary(name, json, { maxKeys: 2 }) },
  { type: fc.constant("approval") },
  { type: fc.constant("noop") },
];
const task = fc.oneof(...kinds.map((kind) => {
  const fields: Record<string, fc.Arbitrary<unknown>> = { ...kind, ...common };
  return fc.record(fields, { requiredKeys: Object.keys(kind) });
}));

/** Tasks with ids, each depending on earlier ones only. */
const tasks = fc.array(fc.tuple(task, fc.array(fc.nat(), { maxLength: 3 })), {
  minLength: 1,
  maxLength: 8,
}).map((rows) =>
  rows.map(([fields, backs], index): Record<string, unknown> => ({
    ...fields,
    id: `t${index}`,
    depends_on: index === 0 ? [] : [...new Set(backs.map((back) => `t${back % index}`))],
  }))
);

const documents = fc.record({
  dag_id: name.filter((id) => !/^(proj|project|user)-(-|$)/.test(id)),
  description: fc.oneof(text, fc.constant("")),
  scope: fc.oneof(
    fc.constant({ type: "Global" }),
    fc.record({
      type: fc.constant("project"),
      project_id: fc.constant("p"),
      force_new: fc.boolean(),
    }),
    fc.constant({ type: "user", user_id: "u" }),
  ),
  target_node: fc.constantFrom(null, "*", "node1"),
  priority: fc.constantFrom("low", "Medium", "HIGH", "urgent"),
  policy: fc.constantFrom("AllSuccess", "first_success", "AllowDebt"),
  schedule: fc.constantFrom<unknown>("0 3 * * *", { cron: "@daily", timezone: "Europe/Berlin" }),
  max_parallel: fc.integer({ min: 1, max: 100 }),
  timeout: duration,
  env,
  version: fc.integer({ min: 1, max: 100 }),
  tasks,
}, { requiredKeys: ["dag_id", "tasks"] });

Deno.test("a canonical spec parses to itself, with the same hash", () => {
  fc.assert(fc.property(documents, (document) => {
    const first = parseSpecDocument(document);
    assert.ok(first.ok, JSON.stringify(first));
    const wire: unknown = JSON.parse(JSON.stringify(first.spec));
    const second = parseSpecDocument(wire);
    assert.ok(second.ok, JSON.stringify(second));
    assert.deepEqual(second.spec, wire);
    assert.equal(second.spec_hash, first.spec_hash);
    assert.equal(specHash(second.spec), first.spec_hash);
    assert.deepEqual(DagSpec.parse(wire), wire);
    assert.match(first.spec_hash, /^[0-9a-f]{64}$/);
  }));
});

/** The same JSON with the keys of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, child]) => [key, reversed(child)]),
  );
}

Deno.test("the order of keys does not matter", () => {
  fc.assert(fc.property(documents, (document) => {
    const [one, other] = [parseSpecDocument(document), parseSpecDocument(reversed(document))];
    assert.ok(one.ok && other.ok);
    assert.equal(one.spec_hash, other.spec_hash);
    assert.equal(canonicalJson(one.spec), canonicalJson(other.spec));
  }));
});

Deno.test("any change of what a task does changes the hash", () => {
  const hash = (fields: Record<string, unknown>): string => {
    const tasks = [{ id: "a", type: "shell", command: "true", ...fields }];
    const result = parseSpecDocument({ dag_id: "d", tasks });
    assert.ok(result.ok, JSON.stringify(result));
    return result.spec_hash;
  };
  const changes: Record<string, unknown>[] = [
    {},
    { command: "false" },
    { id: "b" },
    { name: "x" },
    { env: { A: "1" } },
    { env: { A: "2" } },
    { secrets: ["A"] },
    { cwd: "x" },
    { timeout: "1s" },
    { retry: 1 },
    { level: { type: "confirmed" } },
    { on_failure: "ignorable" },
    { run_if: "all_done" },
    { rollback: ["x"] },
    { idempotent: false },
    { permissions: {} },
    { resources: { cpu: 1 } },
  ];
  assert.equal(new Set(changes.map(hash)).size, changes.length);
});

Deno.test("the hash is that of RFC 8785 JSON and stays what it was", () => {
  const result = parseSpecDocument({ dag_id: "d", tasks: [{ id: "a", type: "noop" }] });
  assert.ok(result.ok);
  assert.equal(
    canonicalJson(result.spec),
    '{"dag_id":"d","env":{},"max_parallel":8,"policy":"all_success","priority":"medium",' +
      '"scope":{"type":"global"},"tasks":[{"depends_on":[],"env":{},"id":"a","idempotent":true,' +
      '"level":{"type":"mechanical"},"on_failure":"blocking","retry":{"delay":"1s","jitter":0.2,' +
      '"max_attempts":1,"max_delay":"5m","multiplier":2},"rollback":[],"run_if":"all_success",' +
      '"secrets":[],"type":"noop"}]}',
  );
  const sha256 = createHash("sha256").update(canonicalJson(result.spec)).digest("hex");
  assert.equal(result.spec_hash, sha256);
});

Deno.test("canonicalJson refuses what has no JSON form", () => {
  assert.throws(() => canonicalJson(undefined), TypeError);
  assert.throws(() => canonicalJson(() => 1), TypeError);
});

function assertAnswer(document: unknown): void {
  const before = JSON.stringify(document);
  const result = parseSpecDocument(document);
  assert.equal(JSON.stringify(document), before, "the document was changed");
  if (result.ok) return;
  assert.ok(result.problems.length > 0);
  for (const { code } of result.problems) assert.ok(Object.hasOwn(PROBLEM_CODES, code), code);
}

Deno.test("garbage never throws", () => {
  fc.assert(fc.property(fc.jsonValue(), assertAnswer), { numRuns: 500 });
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      const result = parseSpecDocument(value);
      assert.ok(result.ok || result.problems.length > 0);
    }),
    { numRuns: 500 },
  );
});

/** A document whose known fields hold anything. */
const FIELDS = [
  "id",
  "name",
  "type",
  "task_type",
  "command",
  "module",
  "script",
  "request",
  "skill",
  "method",
  "params",
  "deps",
  "dependencies",
  "depends_on",
  "env",
  "secrets",
  "cwd",
  "timeout",
  "timeout_secs",
  "retry",
  "level",
  "on_failure",
  "run_if",
  "rollback",
  "idempotent",
  "permissions",
  "resources",
  "target_node",
  "agent",
  "agent_runtime",
  "condition",
  "dag_id",
  "description",
  "scope",
  "priority",
  "policy",
  "schedule",
  "version",
  "max_parallel",
  "force_new",
  "reuse_worker",
  "project_id",
  "todo",
  "dag",
  "tasks",
  "cron",
  "constructor",
];
const weird = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      1,
      3,
      -1,
      1.5,
      "",
      "a",
      "b",
      "shell",
      "Shell",
      "project",
      "mechanical",
      "5m",
    ),
    tie("object"),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...FIELDS), tie("value"), { maxKeys: 6 }),
}));

Deno.test("garbage in the right places never throws", () => {
  const almost = fc.record({
    dag_id: fc.constant("d"),
    tasks: fc.array(fc.oneof(weird.object, weird.value), { maxLength: 4 }),
    rest: weird.object,
  }).map(({ rest, ...fixed }) => ({ ...rest as Record<string, unknown>, ...fixed }));
  fc.assert(fc.property(fc.oneof(almost, weird.object), assertAnswer), { numRuns: 3_000 });
});

Deno.test("a cycle that is planted in a DAG is told", () => {
  fc.assert(fc.property(documents, fc.nat(), (document, from) => {
    fc.pre(document.tasks.length > 1);
    const last = document.tasks.length - 1;
    const start = from % last;
    const planted = document.tasks.map((task, index) => {
      const depends_on = new Set(task["depends_on"] as string[]);
      if (index > start) depends_on.add(`t${index - 1}`);
      if (index === start) depends_on.add(`t${last}`);
      return { ...task, depends_on: [...depends_on] };
    });
    const result = parseSpecDocument({ ...document, tasks: planted });
    assert.ok(!result.ok);
    assert.deepEqual(result.problems.map(({ code }) => code), ["cycle"]);
  }));
});
