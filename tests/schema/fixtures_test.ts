import assert from "node:assert/strict";
import {
  type ParseResult,
  parseSpecText,
  type ParseTextOptions,
} from "../../lib/schema/parse_spec.ts";

const FIXTURES = new URL("../fixtures/cis/", import.meta.url);

function parseFixture(name: string, options?: ParseTextOptions): ParseResult {
  return parseSpecText(Deno.readTextFileSync(new URL(name, FIXTURES)), options);
}

Deno.test("dag-skill-with-agents.json is accepted; what is ignored is told", () => {
  const result = parseFixture("dag-skill-with-agents.json");
  assert.ok(result.ok, JSON.stringify(result));
  const { spec, warnings } = result;
  assert.equal(spec.dag_id, "multi-agent-data-pipeline");
  assert.equal(spec.description, "多 Agent 协作的数据处理流水线");
  assert.deepEqual(spec.tasks.map(({ id, type, depends_on }) => ({ id, type, depends_on })), [
    { id: "extract", type: "skill", depends_on: [] },
    { id: "transform", type: "skill", depends_on: ["extract"] },
    { id: "validate", type: "skill", depends_on: ["transform"] },
    { id: "load", type: "skill", depends_on: ["validate"] },
  ]);
  assert.deepEqual(spec.tasks.map(({ retry }) => retry.max_attempts), [4, 4, 1, 6]);
  assert.deepEqual(spec.tasks[2]?.level, { type: "confirmed" });
  assert.deepEqual(warnings.map(({ path, code }) => `${path} ${code}`), [
    "skill.version ignored_field",
    "skill.author ignored_field",
    "tasks[0].agent_runtime ignored_field",
    "tasks[0].keep_agent ignored_field",
    "tasks[1].reuse_agent ignored_field",
    "tasks[0].type not_yet_effective",
  ]);
});

Deno.test("hello.toml is refused, each task with what to add", () => {
  const result = parseFixture("hello.toml");
  assert.ok(!result.ok);
  assert.deepEqual(
    result.problems.map(({ path, code }) => `${path} ${code}`),
    [0, 1, 2].map((index) => `tasks[${index}].command missing_field`),
  );
  assert.match(result.problems[0]?.message ?? "", /"init" is a shell task without a command/);
});

Deno.test("hello.toml is accepted once the commands are there", () => {
  const text = Deno.readTextFileSync(new URL("hello.toml", FIXTURES))
    .replaceAll('skill = "shell"', 'skill = "shell"\ncommand = "echo hello"');
  const result = parseSpecText(text);
  assert.ok(result.ok, JSON.stringify(result));
  assert.equal(result.spec.dag_id, "hello-world");
  assert.ok(
    result.spec.tasks.every((task) => task.type === "shell" && task.retry.max_attempts === 4),
  );
});

Deno.test("simple.json has no DAG id, and is accepted with that of its file", () => {
  const refused = parseFixture("simple.json");
  assert.ok(!refused.ok);
  assert.deepEqual(refused.problems.map(({ path, code }) => `${path} ${code}`), [
    "dag_id missing_field",
  ]);
  const accepted = parseFixture("simple.json", { dagId: "simple" });
  assert.ok(accepted.ok);
  const [task] = accepted.spec.tasks;
  assert.ok(task?.type === "skill" && task.skill === "echo" && task.retry.max_attempts === 4);
});

Deno.test("single_node_simulation.toml is refused for its tasks of other nodes only", () => {
  const result = parseFixture("single_node_simulation.toml");
  assert.ok(!result.ok);
  assert.deepEqual(result.problems.map(({ path, code }) => `${path} ${code}`), [
    "tasks[2].target_node unsupported_field",
    "tasks[3].target_node unsupported_field",
  ]);
});

Deno.test("single_node_simulation.toml is accepted without them", () => {
  const text = Deno.readTextFileSync(new URL("single_node_simulation.toml", FIXTURES))
    .replaceAll(/^target_node = .*$/gm, "");
  const result = parseSpecText(text);
  assert.ok(result.ok, JSON.stringify(result));
  const { spec } = result;
  assert.deepEqual(spec.env, { PROJECT_PATH: "/tmp/test-project", BUILD_TYPE: "release" });
  assert.deepEqual(spec.tasks.map(({ type }) => type), Array(6).fill("shell"));
  assert.deepEqual(spec.tasks[4]?.depends_on, ["compile-cuda", "compile-metal"]);
  assert.deepEqual(spec.tasks[5]?.level, { type: "arbitrated", stakeholders: ["admin", "lead"] });
  assert.ok(result.warnings.some(({ path, code }) => path === "todo" && code === "ignored_field"));
});
