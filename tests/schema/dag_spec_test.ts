import assert from "node:assert/strict";
import { MAX_PARALLEL } from "../../lib/schema/dag_spec.ts";
import { dagWith, faultsOf, problemsOf, specOf, taskOf } from "./expect_spec.ts";

Deno.test("the smallest DAG comes out with every default filled in", () => {
  assert.deepEqual(specOf({ dag_id: "d", tasks: [{ id: "a", type: "noop" }] }), {
    dag_id: "d",
    scope: { type: "global" },
    priority: "medium",
    policy: "all_success",
    max_parallel: 8,
    env: {},
    tasks: [{
      id: "a",
      type: "noop",
      depends_on: [],
      run_if: "all_success",
      env: {},
      secrets: [],
      retry: { max_attempts: 1, delay: "1s", multiplier: 2, max_delay: "5m", jitter: 0.2 },
      level: { type: "mechanical" },
      on_failure: "blocking",
      rollback: [],
      idempotent: true,
    }],
  });
});

/** The example of the contract, with the task that its task depends on. */
const CONTRACT_EXAMPLE = {
  dag_id: "proj-abc-deploy",
  description: "",
  scope: { type: "project", project_id: "abc", reuse_worker: true },
  target_node: null,
  priority: "medium",
  policy: "all_success",
  schedule: { cron: "0 3 * * *", timezone: "UTC", overlap: "skip" },
  max_parallel: 8,
  timeout: "1h",
  env: {},
  version: 3,
  tasks: [{ id: "fetch", type: "noop" }, {
    id: "build",
    name: "",
    type: "shell",
    command: "make build",
    depends_on: ["fetch"],
    env: {},
    secrets: ["NPM_TOKEN"],
    cwd: "sub/dir",
    timeout: "5m",
    retry: { max_attempts: 3, delay: "5s", multiplier: 2, max_delay: "5m", jitter: 0.2 },
    level: { type: "mechanical", retry: 3 },
    on_failure: "blocking",
    run_if: "all_success",
    rollback: ["make clean"],
    idempotent: true,
    permissions: { net: [], read: ["."], write: ["."], env: [], run: ["make"] },
    resources: { memory: "512MiB", cpu: 1 },
  }],
};

Deno.test("the contract's example is accepted, and what says nothing is absent", () => {
  const spec = specOf(CONTRACT_EXAMPLE);
  assert.ok(!("description" in spec) && !("target_node" in spec) && !("version" in spec));
  const build = spec.tasks[1];
  assert.ok(build?.type === "shell" && !("name" in build));
  assert.equal(build.retry.max_attempts, 3);
  assert.deepEqual(build.level, { type: "mechanical" });
  assert.deepEqual(build.resources, { memory: "512MiB", cpu: 1 });
  assert.equal(spec.timeout, "1h");
});

/** Fields of the DAG that are refused, with path and code. */
const BAD_DAG_FIELDS: [Record<string, unknown>, string][] = [
  [{ dag_id: undefined }, "dag_id missing_field"],
  [{ dag_id: null }, "dag_id missing_field"],
  [{ dag_id: "" }, "dag_id bad_id"],
  [{ dag_id: "a b" }, "dag_id bad_id"],
  [{ dag_id: 5 }, "dag_id wrong_type"],
  [{ description: 5 }, "description wrong_type"],
  [{ description: "x".repeat(10_001) }, "description out_of_range"],
  [{ scope: "global" }, "scope wrong_type"],
  [{ scope: {} }, "scope.type missing_field"],
  [{ scope: { type: "node" } }, "scope.type bad_value"],
  [{ scope: { type: "project" } }, "scope.project_id missing_field"],
  [{ scope: { type: "project", project_id: "a/b" } }, "scope.project_id bad_id"],
  [{ scope: { type: "project", project_id: ".." } }, "scope.project_id bad_id"],
  [
    { scope: { type: "user", user_id: "u", project_id: "p" } },
    "scope.project_id field_of_other_type",
  ],
  [
    { scope: { type: "user", user_id: "u", reuse_worker: true } },
    "scope.reuse_worker field_of_other_type",
  ],
  [{ scope: { type: "global", x: 1 } }, "scope.x unknown_field"],
  [{ target_node: "a b" }, "target_node bad_id"],
  [{ target_node: "" }, "target_node bad_id"],
  [{ target_node: 5 }, "target_node wrong_type"],
  [{ priority: "critical" }, "priority bad_value"],
  [{ priority: 3 }, "priority wrong_type"],
  [{ policy: "any" }, "policy bad_value"],
  [{ schedule: "hello" }, "schedule.cron bad_cron"],
  [{ schedule: "60 * * * *" }, "schedule.cron bad_cron"],
  [{ schedule: "0 0 30 2 *" }, "schedule.cron bad_cron"],
  [{ schedule: "2024-01-01T00:00:00" }, "schedule.cron bad_cron"],
  [{ schedule: "" }, "schedule.cron bad_cron"],
  [{ schedule: {} }, "schedule.cron missing_field"],
  [{ schedule: { cron: "@daily", timezone: "Mars/Base" } }, "schedule.timezone bad_timezone"],
  [{ schedule: { cron: "@daily", overlap: "maybe" } }, "schedule.overlap bad_value"],
  [{ schedule: { cron: "@daily", tz: "UTC" } }, "schedule.tz unknown_field"],
  [{ schedule: 5 }, "schedule wrong_type"],
  [{ max_parallel: 0 }, "max_parallel out_of_range"],
  [{ max_parallel: MAX_PARALLEL + 1 }, "max_parallel out_of_range"],
  [{ max_parallel: 1.5 }, "max_parallel wrong_type"],
  [{ max_parallel: "8" }, "max_parallel wrong_type"],
  [{ timeout: "soon" }, "timeout bad_duration"],
  [{ timeout: 0 }, "timeout out_of_range"],
  [{ timeout: "400d" }, "timeout out_of_range"],
  [{ timeout: true }, "timeout wrong_type"],
  [{ env: [] }, "env wrong_type"],
  [{ env: { "A B": "x" } }, 'env["A B"] bad_env_name'],
  [{ env: { "1A": "x" } }, 'env["1A"] bad_env_name'],
  [{ env: { CIS_RUN_ID: "x" } }, "env.CIS_RUN_ID reserved_name"],
  [{ env: { PORT: 8080 } }, "env.PORT wrong_type"],
  [{ env: { A: null } }, "env.A wrong_type"],
  [{ version: 0 }, "version out_of_range"],
  [{ version: "1.0.0" }, "version wrong_type"],
  [{ version: 1.5 }, "version wrong_type"],
  [{ tasks: undefined }, "tasks missing_field"],
  [{ tasks: {} }, "tasks wrong_type"],
  [{ tasks: [] }, "tasks empty_tasks"],
  [{ tasks: ["a"] }, "tasks[0] wrong_type"],
  [{ tasks: [null] }, "tasks[0] wrong_type"],
  [{ nodes: [] }, "nodes unknown_field"],
  [{ constructor: 1 }, "constructor unknown_field"],
];

for (const [fields, expected] of BAD_DAG_FIELDS) {
  Deno.test(`DAG with ${JSON.stringify(fields).slice(0, 80)}: ${expected}`, () => {
    const document = Object.fromEntries(
      Object.entries(dagWith(fields)).filter(([, value]) => value !== undefined),
    );
    assert.deepEqual(faultsOf(document), [expected]);
  });
}

/** Fields of a shell task that are refused, with path below the task and code. */
const BAD_TASK_FIELDS: [Record<string, unknown>, string][] = [
  [{ id: "" }, "id bad_id"],
  [{ id: "a b" }, "id bad_id"],
  [{ id: 5 }, "id wrong_type"],
  [{ id: null }, "id missing_field"],
  [{ name: "x".repeat(257) }, "name out_of_range"],
  [{ type: "shel" }, "type bad_value"],
  [{ type: 5 }, "type bad_value"],
  [{ command: "" }, "command out_of_range"],
  [{ command: " \n" }, "command out_of_range"],
  [{ command: null }, "command missing_field"],
  [{ command: ["make"] }, "command wrong_type"],
  [{ depends_on: "b" }, "depends_on wrong_type"],
  [{ depends_on: [5] }, "depends_on[0] wrong_type"],
  [{ env: { "a-b": "x" } }, "env.a-b bad_env_name"],
  [{ env: { CIS_X: "x" } }, "env.CIS_X reserved_name"],
  [{ env: { A: true } }, "env.A wrong_type"],
  [{ secrets: ["1"] }, "secrets[0] bad_env_name"],
  [{ secrets: ["CIS_TOKEN"] }, "secrets[0] reserved_name"],
  [{ secrets: ["A", "B", "A"] }, "secrets[2] duplicate_value"],
  [{ cwd: "/etc" }, "cwd bad_path"],
  [{ cwd: "../x" }, "cwd bad_path"],
  [{ cwd: "a/../../b" }, "cwd bad_path"],
  [{ cwd: "C:/x" }, "cwd bad_path"],
  [{ cwd: "a\\b" }, "cwd bad_path"],
  [{ cwd: "" }, "cwd bad_path"],
  [{ timeout: "1 week" }, "timeout bad_duration"],
  [{ timeout: "0s" }, "timeout out_of_range"],
  [{ retry: { max_attempts: 0 } }, "retry.max_attempts out_of_range"],
  [{ retry: { max_attempts: 101 } }, "retry.max_attempts out_of_range"],
  [{ retry: { max_attempts: 1.5 } }, "retry.max_attempts wrong_type"],
  [{ retry: { delay: "x" } }, "retry.delay bad_duration"],
  [{ retry: { multiplier: 0.5 } }, "retry.multiplier out_of_range"],
  [{ retry: { multiplier: 11 } }, "retry.multiplier out_of_range"],
  [{ retry: { jitter: 1.1 } }, "retry.jitter out_of_range"],
  [{ retry: { jitter: -0.1 } }, "retry.jitter out_of_range"],
  [{ retry: { delay: "10m", max_delay: "5m" } }, "retry.max_delay out_of_range"],
  [{ retry: { attempts: 3 } }, "retry.attempts unknown_field"],
  [{ retry: -1 }, "retry wrong_type"],
  [{ retry: 100 }, "retry wrong_type"],
  [{ retry: "3" }, "retry wrong_type"],
  [{ level: "confirmed" }, "level wrong_type"],
  [{ level: {} }, "level.type missing_field"],
  [{ level: { type: "careful" } }, "level.type bad_value"],
  [{ level: { type: "mechanical", retry: -1 } }, "level.retry out_of_range"],
  [{ level: { type: "mechanical", retry: 100 } }, "level.retry out_of_range"],
  [{ level: { type: "mechanical", retry: "3" } }, "level.retry wrong_type"],
  [{ level: { type: "confirmed", retry: 3 } }, "level.retry field_of_other_type"],
  [{ level: { type: "confirmed", timeout: "x" } }, "level.timeout bad_duration"],
  [{ level: { type: "recommended", timeout: "5m" } }, "level.default_action missing_field"],
  [{ level: { type: "recommended", default_action: "skip" } }, "level.timeout missing_field"],
  [
    { level: { type: "recommended", default_action: "run", timeout: 5 } },
    "level.default_action bad_value",
  ],
  [{ level: { type: "arbitrated" } }, "level.stakeholders missing_field"],
  [{ level: { type: "arbitrated", stakeholders: [] } }, "level.stakeholders out_of_range"],
  [{ level: { type: "arbitrated", stakeholders: [" "] } }, "level.stakeholders[0] out_of_range"],
  [
    { level: { type: "arbitrated", stakeholders: ["a", "a"] } },
    "level.stakeholders[1] duplicate_value",
  ],
  [
    { level: { type: "arbitrated", stakeholders: ["a"], threshold: 2 } },
    "level.threshold out_of_range",
  ],
  [
    { level: { type: "arbitrated", stakeholders: ["a"], threshold: 0 } },
    "level.threshold out_of_range",
  ],
  [{ on_failure: "other-task" }, "on_failure bad_value"],
  [{ run_if: "always" }, "run_if bad_value"],
  [{ rollback: "make clean" }, "rollback wrong_type"],
  [{ rollback: [""] }, "rollback[0] out_of_range"],
  [{ idempotent: "yes" }, "idempotent wrong_type"],
  [{ permissions: { net: "x" } }, "permissions.net wrong_type"],
  [{ permissions: { network: [] } }, "permissions.network unknown_field"],
  [{ resources: { memory: "lots" } }, "resources.memory bad_size"],
  [{ resources: { memory: true } }, "resources.memory wrong_type"],
  [{ resources: { cpu: 0 } }, "resources.cpu out_of_range"],
  [{ resources: { gpu: 1 } }, "resources.gpu unknown_field"],
  [{ request: { url: "http://x" } }, "request field_of_other_type"],
  [{ module: "x.ts" }, "module field_of_other_type"],
  [{ skill: "git-diff" }, "skill field_of_other_type"],
  [{ comand: "x" }, "comand unknown_field"],
];

for (const [fields, expected] of BAD_TASK_FIELDS) {
  Deno.test(`task with ${JSON.stringify(fields).slice(0, 80)}: ${expected}`, () => {
    assert.deepEqual(faultsOf(dagWith({}, fields)), [`tasks[0].${expected}`]);
  });
}

/** Tasks of the other types that are refused, with path below the task and code. */
const BAD_TASKS: [Record<string, unknown>, string][] = [
  [{ type: "shell" }, "command missing_field"],
  [{ type: "deno" }, "module missing_field"],
  [{ type: "deno", module: "a.ts", script: "x" }, "module conflicting_fields"],
  [{ type: "deno", module: "/a.ts" }, "module bad_path"],
  [{ type: "deno", module: "../a.ts" }, "module bad_path"],
  [{ type: "deno", module: "https://x/a.ts" }, "module bad_path"],
  [{ type: "deno", module: "npm:x" }, "module bad_path"],
  [{ type: "deno", script: "" }, "script out_of_range"],
  [{ type: "deno", script: "x", command: "y" }, "command field_of_other_type"],
  [{ type: "http" }, "request missing_field"],
  [{ type: "http", request: {} }, "request.url missing_field"],
  [{ type: "http", request: { url: "/x" } }, "request.url bad_url"],
  [{ type: "http", request: { url: "file:///etc/passwd" } }, "request.url bad_url"],
  [{ type: "http", request: { url: "http://u:p@x/" } }, "request.url bad_url"],
  [{ type: "http", request: { url: "http://x", method: "YELL" } }, "request.method bad_value"],
  [{ type: "http", request: { url: "http://x", body: "y" } }, "request.body bad_value"],
  [
    { type: "http", request: { url: "http://x", headers: { "a b": "" } } },
    'request.headers["a b"] bad_header',
  ],
  [
    { type: "http", request: { url: "http://x", headers: { a: "x\r\ny" } } },
    "request.headers.a bad_header",
  ],
  [
    { type: "http", request: { url: "http://x", headers: { a: "1", A: "2" } } },
    "request.headers.A duplicate_value",
  ],
  [
    { type: "http", request: { url: "http://x", expect_status: 99 } },
    "request.expect_status out_of_range",
  ],
  [
    { type: "http", request: { url: "http://x", expect_status: [] } },
    "request.expect_status out_of_range",
  ],
  [{ type: "http", request: { url: "http://x", uri: 1 } }, "request.uri unknown_field"],
  [{ type: "http", request: { url: "http://x" }, command: "y" }, "command field_of_other_type"],
  [{ type: "skill" }, "skill missing_field"],
  [{ type: "skill", skill: "" }, "skill out_of_range"],
  [{ type: "skill", skill: "x", params: [] }, "params wrong_type"],
  [{ type: "approval", command: "x" }, "command field_of_other_type"],
  [{ type: "noop", script: "x" }, "script field_of_other_type"],
  [{}, "type missing_field"],
];

for (const [fields, expected] of BAD_TASKS) {
  Deno.test(`task ${JSON.stringify(fields).slice(0, 80)}: ${expected}`, () => {
    const document = { dag_id: "d", tasks: [{ id: "a", ...fields }] };
    assert.deepEqual(faultsOf(document), [`tasks[0].${expected}`]);
  });
}

Deno.test("a task whose type is unknown has its other fields checked all the same", () => {
  const tasks = [{ id: "a b", type: "cron", timeout: "x", comand: "y", retry: { jitter: 2 } }];
  assert.deepEqual(faultsOf({ dag_id: "d", tasks }), [
    "tasks[0].comand unknown_field",
    "tasks[0].id bad_id",
    "tasks[0].retry.jitter out_of_range",
    "tasks[0].timeout bad_duration",
    "tasks[0].type bad_value",
  ]);
});

Deno.test("messages say what was found, what is allowed and what was probably meant", () => {
  const message = (fields: Record<string, unknown>): string =>
    problemsOf(dagWith({}, fields))[0]?.message ?? "";
  assert.match(message({ type: "shel" }), /"shel".*shell, deno, http.*did you mean "shell"/);
  assert.match(message({ dependsOn: [] }), /did you mean "depends_on"/);
  assert.match(message({ needs: [] }), /did you mean "depends_on"/);
  assert.match(message({ tiemout: 5 }), /did you mean "timeout"/);
  assert.doesNotMatch(message({ xyzzy: 5 }), /did you mean/);
  assert.match(message({ request: {} }), /"request" belongs to the type http.*"shell"/);
  assert.match(message({ timeout: "5 weeks" }), /"5 weeks" is not a duration; write.*"5s"/);
  assert.match(message({ env: { PORT: 80 } }), /quotes/);
  assert.match(message({ run_if: "any_fail" }), /all_success, all_done, any_failed/);
  const cron = problemsOf(dagWith({ schedule: "60 * * * *" }))[0]?.message ?? "";
  assert.match(cron, /"60 \* \* \* \*".*minute/);
  const never = problemsOf(dagWith({ schedule: "0 0 31 2 *" }))[0]?.message ?? "";
  assert.match(never, /never fires/);
});

Deno.test("values come out in canonical form", () => {
  const task = taskOf(dagWith({}, {
    timeout: 300,
    cwd: "./sub//dir/",
    retry: { delay: "60s" },
    resources: { memory: 1048576 },
  }));
  assert.equal(task.timeout, "5m");
  assert.equal(task.cwd, "sub/dir");
  assert.equal(task.retry.delay, "1m");
  assert.equal(task.resources?.memory, "1MiB");
  assert.equal(specOf(dagWith({ schedule: " 0  3 * * * " })).schedule?.cron, "0 3 * * *");
});

Deno.test("max_delay follows a longer delay", () => {
  assert.equal(taskOf(dagWith({}, { retry: { delay: "10m" } })).retry.max_delay, "10m");
  assert.equal(taskOf(dagWith({}, { retry: { delay: "1m" } })).retry.max_delay, "5m");
});

Deno.test("an http request comes out with method, lower-case headers and a list of statuses", () => {
  const request = {
    url: "https://x/y",
    method: "post",
    headers: { "X-A": "1" },
    expect_status: 201,
  };
  const task = taskOf({ dag_id: "d", tasks: [{ id: "a", type: "http", request }] });
  assert.ok(task.type === "http");
  assert.deepEqual(task.request, {
    method: "POST",
    url: "https://x/y",
    headers: { "x-a": "1" },
    expect_status: [201],
  });
});

Deno.test("deno and skill tasks keep their arguments as they are", () => {
  const args = { a: [1, null, { b: "x" }] };
  const [module, script, skill] = specOf({
    dag_id: "d",
    tasks: [
      { id: "m", type: "deno", module: "./jobs/a.ts", args },
      { id: "s", type: "deno", script: "export default () => 1", args: null },
      { id: "k", type: "skill", skill: "git-diff", method: "run", params: args },
    ],
  }).tasks;
  assert.ok(module?.type === "deno" && script?.type === "deno" && skill?.type === "skill");
  assert.equal(module.module, "jobs/a.ts");
  assert.deepEqual(module.args, args);
  assert.ok(!("args" in script), "a null field is an absent field");
  assert.deepEqual(skill.params, args);
});

Deno.test("permissions that are given allow only what they list", () => {
  const { permissions } = taskOf(dagWith({}, { permissions: { run: ["make"] } }));
  assert.deepEqual(permissions, { net: [], read: [], write: [], env: [], run: ["make"] });
});
