import assert from "node:assert/strict";
import {
  dagWith,
  faultsOf,
  hashOf,
  problemsOf,
  specOf,
  taskOf,
  warningsOf,
} from "./expect_spec.ts";

const TASKS = [
  { id: "a", type: "shell", command: "true" },
  { id: "b", type: "shell", command: "true", depends_on: ["a"] },
];
const CANONICAL = { dag_id: "d", description: "what for", policy: "all_success", tasks: TASKS };

/** Other spellings of the same DAG; none may change its hash. */
const SAME_DAG: Record<string, unknown> = {
  "wrapped in dag": { dag: CANONICAL },
  "wrapped in skill and dag": {
    skill: { name: "d", description: "what for", version: "1.0.0", type: "dag", author: "x" },
    dag: { policy: "all_success", tasks: TASKS },
  },
  "skill beside a bare DAG": { skill: { name: "d", description: "what for" }, tasks: TASKS },
  "partly in dag": { dag_id: "d", dag: { tasks: TASKS }, description: "what for" },
  "the same thing twice": { ...CANONICAL, dag: { dag_id: "d", tasks: TASKS } },
  "dag_id beside the skill's name": { skill: { name: "other" }, dag: CANONICAL },
  "defaults written out": {
    ...CANONICAL,
    priority: "medium",
    max_parallel: 8,
    env: {},
    scope: { type: "global" },
    tasks: TASKS.map((task) => ({
      retry: { max_attempts: 1, delay: 1, multiplier: 2, max_delay: 300, jitter: 0.2 },
      level: { type: "mechanical", retry: 0 },
      idempotent: true,
      on_failure: "blocking",
      run_if: "all_success",
      env: {},
      secrets: [],
      rollback: [],
      resources: {},
      ...task,
    })),
  },
  "nulls for what is not given": {
    ...CANONICAL,
    target_node: null,
    schedule: null,
    timeout: null,
    version: null,
    scope: null,
    tasks: TASKS.map((task) => ({ name: null, cwd: null, timeout: null, level: null, ...task })),
  },
  "PascalCase": {
    ...CANONICAL,
    priority: "Medium",
    policy: "AllSuccess",
    scope: { type: "Global" },
    tasks: TASKS.map((task) => ({
      ...task,
      type: "Shell",
      level: { type: "Mechanical" },
      on_failure: "Blocking",
      run_if: "AllSuccess",
    })),
  },
  "deps": { ...CANONICAL, tasks: [TASKS[0], { id: "b", command: "true", deps: ["a"] }] },
  "dependencies": {
    ...CANONICAL,
    tasks: [TASKS[0], { id: "b", task_type: "shell", command: "true", dependencies: ["a"] }],
  },
  "several spellings that agree": {
    ...CANONICAL,
    tasks: [TASKS[0], { ...TASKS[1], deps: ["a"], dependencies: ["a"], task_type: "Shell" }],
  },
  "the shell skill": {
    ...CANONICAL,
    tasks: [
      { id: "a", skill: "shell", command: "true" },
      { id: "b", skill: "shell-exec", command: "true", deps: ["a"] },
    ],
  },
  "todo": { ...CANONICAL, todo: [{ id: "x" }], todo_list: [] },
  "agents": {
    ...CANONICAL,
    tasks: TASKS.map((task) => ({
      ...task,
      agent_runtime: "claude",
      keep_agent: true,
      reuse_agent: "a",
      agent_config: { model: "x" },
    })),
  },
  "other order of keys": Object.fromEntries(Object.entries(CANONICAL).reverse()),
};

for (const [name, document] of Object.entries(SAME_DAG)) {
  Deno.test(`same DAG, other spelling: ${name}`, () => {
    const before = JSON.stringify(document);
    assert.deepEqual(specOf(document), specOf(CANONICAL));
    assert.equal(hashOf(document), hashOf(CANONICAL));
    assert.equal(JSON.stringify(document), before, "the document was changed");
  });
}

Deno.test("a task without a type gets that of its fields", () => {
  const type = (fields: Record<string, unknown>): string =>
    taskOf({ dag_id: "d", tasks: [{ id: "a", ...fields }] }).type;
  assert.equal(type({ command: "true" }), "shell");
  assert.equal(type({ request: { url: "http://x" } }), "http");
  assert.equal(type({ module: "a.ts" }), "deno");
  assert.equal(type({ script: "export default 1" }), "deno");
  assert.equal(type({ skill: "git-diff", method: "run" }), "skill");
});

Deno.test("a task without a type whose fields fit two is a problem", () => {
  const faults = (fields: Record<string, unknown>): string[] =>
    faultsOf({ dag_id: "d", tasks: [{ id: "a", ...fields }] });
  const expected = ["tasks[0].type ambiguous_type"];
  const message = problemsOf({ dag_id: "d", tasks: [{ id: "a", skill: "x", command: "y" }] });
  assert.match(message[0]?.message ?? "", /command, skill/);
  for (
    const other of [{ skill: "git-diff" }, { module: "a.ts" }, { request: { url: "http://x" } }]
  ) {
    const faultsFound = faults({ command: "true", ...other });
    assert.ok(faultsFound.includes("tasks[0].type ambiguous_type"), faultsFound.join());
  }
  assert.deepEqual(faults({ command: "implement a login", agent_runtime: "claude" }), expected);
});

Deno.test("a shell skill without a command says what to add", () => {
  const [found] = problemsOf({ dag_id: "d", tasks: [{ id: "init", skill: "shell" }] });
  assert.deepEqual(found, {
    path: "tasks[0].command",
    code: "missing_field",
    message: 'task "init" is a shell task without a command; add command = "…"',
  });
});

Deno.test("timeout_secs is a timeout, for the DAG, a task and a level", () => {
  const spec = specOf({
    dag_id: "d",
    timeout_secs: 3600,
    tasks: [{
      id: "a",
      type: "noop",
      timeout_secs: 60,
      level: { type: "recommended", default_action: "Skip", timeout_secs: 30 },
    }],
  });
  assert.equal(spec.timeout, "1h");
  assert.equal(spec.tasks[0]?.timeout, "1m");
  assert.deepEqual(spec.tasks[0]?.level, {
    type: "recommended",
    default_action: "skip",
    timeout: "30s",
  });
  assert.equal(taskOf(dagWith({}, { timeout: "1m", timeout_secs: 60 })).timeout, "1m");
  assert.deepEqual(faultsOf(dagWith({}, { timeout_secs: "60" })), ["tasks[0].timeout wrong_type"]);
});

Deno.test("retries: a bare number and the mechanical level mean attempts after the first", () => {
  const attempts = (fields: Record<string, unknown>): number =>
    taskOf(dagWith({}, fields)).retry.max_attempts;
  const mechanical = (retry: number): unknown => ({ type: "mechanical", retry });
  assert.equal(attempts({ retry: 3 }), 4);
  assert.equal(attempts({ retry: 0 }), 1);
  assert.equal(attempts({ level: mechanical(3) }), 4);
  assert.equal(attempts({ level: mechanical(3), retry: { delay: "5s" } }), 4);
  assert.equal(attempts({ level: mechanical(3), retry: 3 }), 4);
  assert.equal(attempts({ level: { type: "confirmed" }, retry: 2 }), 3);
  const both = dagWith({}, { level: mechanical(3), retry: { max_attempts: 3 } });
  assert.equal(taskOf(both).retry.max_attempts, 3);
  assert.deepEqual(warningsOf(both).map(({ path, code }) => `${path} ${code}`), [
    "tasks[0].level.retry ignored_field",
  ]);
  assert.equal(
    hashOf(dagWith({}, { level: mechanical(3) })),
    hashOf(dagWith({}, { retry: { max_attempts: 4 } })),
  );
});

Deno.test("force_new is the opposite of reuse_worker", () => {
  const scope = { type: "project", project_id: "p" };
  const reuse = (document: unknown): unknown => {
    const found = specOf(document).scope;
    return found.type === "project" ? found.reuse_worker : undefined;
  };
  assert.equal(reuse(dagWith({ scope })), true);
  assert.equal(reuse(dagWith({ scope: { ...scope, force_new: true } })), false);
  assert.equal(reuse(dagWith({ scope: { ...scope, force_new: false } })), true);
  assert.equal(
    reuse(dagWith({ scope: { ...scope, force_new: true, reuse_worker: false } })),
    false,
  );
  assert.equal(reuse(dagWith({ scope, force_new: true })), false);
  assert.equal(reuse(dagWith({ dag_id: "proj-p-x", force_new: true })), false);
  assert.equal(reuse({ dag: { dag_id: "proj-p-x", force_new: true, tasks: TASKS } }), false);
});

Deno.test("force_new that says nothing is dropped, and one that cannot be honoured refused", () => {
  const user = { type: "User", user_id: "u" };
  assert.deepEqual(specOf(dagWith({ scope: { ...user, force_new: false } })).scope, {
    type: "user",
    user_id: "u",
  });
  assert.deepEqual(specOf(dagWith({ force_new: false })).scope, { type: "global" });
  assert.deepEqual(faultsOf(dagWith({ force_new: true })), ["force_new unsupported_field"]);
  assert.deepEqual(faultsOf(dagWith({ scope: { ...user, force_new: true } })), [
    "scope.reuse_worker field_of_other_type",
  ]);
  assert.deepEqual(faultsOf(dagWith({ force_new: "yes" })), ["force_new wrong_type"]);
});

/** Two spellings that disagree, with the problem. */
const CONFLICTS: [Record<string, unknown>, string][] = [
  [dagWith({}, { depends_on: [], deps: ["b"] }), "tasks[0].depends_on"],
  [dagWith({}, { deps: [], dependencies: ["b"] }), "tasks[0].depends_on"],
  [dagWith({}, { task_type: "noop" }), "tasks[0].type"],
  [dagWith({}, { timeout: "5m", timeout_secs: 60 }), "tasks[0].timeout"],
  [dagWith({ timeout: "5m", timeout_secs: 60 }), "timeout"],
  [dagWith({ dag: { dag_id: "e" } }), "dag_id"],
  [
    dagWith({ scope: { type: "project", project_id: "p", force_new: true, reuse_worker: true } }),
    "scope.reuse_worker",
  ],
  [
    dagWith({ force_new: true, scope: { type: "project", project_id: "p", force_new: false } }),
    "scope.reuse_worker",
  ],
];

for (const [document, path] of CONFLICTS) {
  Deno.test(`disagreeing spellings are a problem at ${path}: ${JSON.stringify(document)}`, () => {
    assert.ok(
      faultsOf(document).includes(`${path} conflicting_fields`),
      String(faultsOf(document)),
    );
  });
}

Deno.test("a task for another node is refused; its own DAG's node says nothing new", () => {
  const faults = faultsOf(dagWith({}, { target_node: "node-b" }));
  assert.deepEqual(faults, ["tasks[0].target_node unsupported_field"]);
  const [found] = problemsOf(dagWith({}, { target_node: "node-b" }));
  assert.match(found?.message ?? "", /"a".*"node-b".*split the DAG/);
  const named = dagWith({ target_node: "node-b" });
  assert.equal(
    hashOf(dagWith({ target_node: "node-b" }, { target_node: "node-b" })),
    hashOf(named),
  );
  assert.equal(hashOf(dagWith({}, { target_node: "*" })), hashOf(dagWith()));
  assert.equal(hashOf(dagWith({}, { target_node: null })), hashOf(dagWith()));
});

Deno.test("fields of older formats that would change the meaning are refused", () => {
  for (const field of ["agent", "condition", "node_selector"]) {
    assert.deepEqual(faultsOf(dagWith({}, { [field]: "x" })), [
      `tasks[0].${field} unsupported_field`,
    ]);
  }
});

Deno.test("a value that is not known is quoted as it was written", () => {
  const [found] = problemsOf(dagWith({}, { on_failure: "fix-and-retry" }));
  assert.match(found?.message ?? "", /^"fix-and-retry" is not one of blocking, ignorable/);
});

Deno.test("ignored fields are told once each, with a few of the tasks", () => {
  const tasks = Array.from({ length: 100 }, (_, i) => ({
    id: `t${i}`,
    skill: "x",
    agent_runtime: "claude",
  }));
  const document = {
    skill: { name: "d", version: "1", author: "x", type: "dag" },
    dag: { tasks, todo: [] },
  };
  const warnings = warningsOf(document).filter(({ code }) => code === "ignored_field");
  assert.deepEqual(warnings.map(({ path }) => path), [
    "skill.version",
    "skill.author",
    "todo",
    "tasks[0].agent_runtime",
  ]);
  assert.match(warnings[3]?.message ?? "", /t0, t1, t2, t3, t4 and 95 more/);
});

Deno.test("a skill that is no DAG, and sections that are no objects, are refused", () => {
  const dag = { tasks: TASKS };
  const faults = (skill: unknown): string[] => faultsOf({ dag_id: "d", skill, dag });
  assert.deepEqual(faults({ name: "d", type: "native" }), ["skill.type bad_value"]);
  assert.deepEqual(faults({ name: "d", nmae: "x" }), ["skill.nmae unknown_field"]);
  assert.deepEqual(faults("d"), ["skill wrong_type"]);
  assert.deepEqual(faultsOf({ dag_id: "d", dag: [], tasks: TASKS }), ["dag wrong_type"]);
  assert.deepEqual(faultsOf({ skill: { name: "no id" }, dag }), ["dag_id bad_id"]);
  assert.deepEqual(faultsOf({ skill: {}, dag }), ["dag_id missing_field"]);
});
