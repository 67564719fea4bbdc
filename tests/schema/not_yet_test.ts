import assert from "node:assert/strict";
import { notYetEffective } from "../../lib/schema/not_yet.ts";
import { dagWith, specOf, warningsOf } from "./expect_spec.ts";

function pathsOf(document: unknown): string[] {
  return notYetEffective(specOf(document)).map(({ path }) => path);
}

Deno.test("what works today is not warned of", () => {
  const document = dagWith({
    scope: { type: "project", project_id: "p" },
    priority: "high",
    max_parallel: 2,
    timeout: "1h",
    env: { A: "1" },
    tasks: [
      {
        id: "a",
        command: "true",
        secrets: ["X"],
        cwd: "x",
        retry: { max_attempts: 3 },
        idempotent: false,
      },
      {
        id: "b",
        type: "deno",
        script: "1",
        secrets: ["X"],
        depends_on: ["a"],
        env: { B: "2" },
        timeout: 5,
      },
      {
        id: "c",
        type: "http",
        request: { url: "http://x", headers: { authorization: "Bearer ${X}" } },
        secrets: ["X"],
      },
      { id: "d", type: "noop", level: { type: "mechanical", retry: 2 } },
      { id: "e", type: "approval" },
      { id: "f", type: "noop", level: { type: "recommended", default_action: "skip", timeout: 5 } },
      { id: "g", type: "noop", level: { type: "confirmed" }, run_if: "all_done" },
      { id: "h", type: "noop", level: { type: "arbitrated", stakeholders: ["x"] } },
      { id: "i", command: "x", on_failure: "ignorable", rollback: ["y"] },
    ],
  });
  for (const policy of ["all_success", "first_success", "allow_debt"]) {
    assert.deepEqual(warningsOf({ ...document, policy }), []);
  }
});

const TASK_CASES: [Record<string, unknown>, string][] = [
  [{ type: "skill", skill: "x", command: null }, "type"],
  [{ type: "noop", command: null, secrets: ["X"] }, "secrets"],
];
for (const [fields, field] of TASK_CASES) {
  Deno.test(`not yet effective: ${JSON.stringify(fields)}`, () => {
    assert.deepEqual(pathsOf(dagWith({}, fields)), [`tasks[0].${field}`]);
  });
}

Deno.test("schedules, groups and other nodes have their effect", () => {
  const fields = {
    schedule: "@daily",
    target_node: "node-b",
    groups: { db: 1 },
    max_active_runs: 1,
  };
  assert.deepEqual(warningsOf(dagWith(fields, { group: "db" })), []);
});

Deno.test("one warning for many tasks, naming the first few", () => {
  const tasks = Array.from({ length: 1_000 }, (_, i) => ({
    id: `t${i}`,
    type: "noop",
    ...(i > 0 ? { secrets: ["A"] } : {}),
  }));
  const warnings = notYetEffective(specOf({ dag_id: "d", tasks }));
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.path, "tasks[1].secrets");
  assert.equal(warnings[0]?.code, "not_yet_effective");
  assert.match(warnings[0]?.message ?? "", /t1, t2, t3, t4, t5 and 994 more/);
});
