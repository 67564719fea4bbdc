import assert from "node:assert/strict";
import fc from "fast-check";
import {
  describeScopeSource,
  fromDbFields,
  inferScope,
  parseScopeText,
  roomId,
  Scope,
  scopeKey,
  ScopeSource,
  toDbFields,
  workerId,
} from "../../lib/schema/scope.ts";

const project: Scope = { type: "project", project_id: "abc", reuse_worker: true };

/** The table of the contract, row by row. */
const ROWS: { scope: Scope; key: string; worker: string; room: string; db: unknown }[] = [
  {
    scope: { type: "global" },
    key: "global",
    worker: "worker-global",
    room: "!worker-global:node1",
    db: { scope_type: "Global", scope_id: null },
  },
  {
    scope: project,
    key: "project:abc",
    worker: "worker-project-abc",
    room: "!worker-project-abc:node1",
    db: { scope_type: "Project", scope_id: "abc" },
  },
  {
    scope: { type: "user", user_id: "u" },
    key: "user:u",
    worker: "worker-user-u",
    room: "!worker-user-u:node1",
    db: { scope_type: "User", scope_id: "u" },
  },
  {
    scope: { type: "type", dag_type: "backup" },
    key: "type:backup",
    worker: "worker-type-backup",
    room: "!worker-type-backup:node1",
    db: { scope_type: "Type", scope_id: "backup" },
  },
];

for (const { scope, key, worker, room, db } of ROWS) {
  Deno.test(`scope ${key}: key, worker, room and columns`, () => {
    assert.equal(scopeKey(scope), key);
    assert.deepEqual(parseScopeText(key), scope);
    assert.equal(workerId(scope), worker);
    assert.equal(roomId(workerId(scope), "node1"), room);
    assert.deepEqual(toDbFields(scope), db);
    assert.deepEqual(fromDbFields(toDbFields(scope)), scope);
  });
}

Deno.test("a run's own worker has the instance in its name", () => {
  assert.equal(workerId(project, "0123abcd"), "worker-project-abc-0123abcd");
});

Deno.test("parseScopeText refuses what scopeKey would not write", () => {
  for (const text of ["", "globe", "project", "project:", "project:a b", "project:..", "node:x"]) {
    assert.equal(parseScopeText(text), undefined, text);
  }
});

Deno.test("fromDbFields never falls back to another scope", () => {
  const bad = [
    { scope_type: "Node", scope_id: "x" },
    { scope_type: "project", scope_id: "abc" },
    { scope_type: "Project", scope_id: null },
    { scope_type: "Project", scope_id: "" },
    { scope_type: "Project", scope_id: "a/b" },
    { scope_type: "Global", scope_id: "x" },
  ];
  for (const fields of bad) assert.throws(() => fromDbFields(fields), RangeError);
});

Deno.test("fromDbFields takes reuse_worker from outside, for projects only", () => {
  assert.deepEqual(
    fromDbFields({ scope_type: "Project", scope_id: "abc" }, { reuse_worker: false }),
    { ...project, reuse_worker: false },
  );
  assert.deepEqual(
    fromDbFields({ scope_type: "User", scope_id: "u" }, { reuse_worker: false }),
    { type: "user", user_id: "u" },
  );
});

Deno.test("scopeKey, parseScopeText and the columns are inverse for every id", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/).filter((text) => !/^\.+$/.test(text));
  const scopes = fc.oneof(
    fc.constant<Scope>({ type: "global" }),
    id.map((project_id): Scope => ({ type: "project", project_id, reuse_worker: true })),
    id.map((user_id): Scope => ({ type: "user", user_id })),
    id.map((dag_type): Scope => ({ type: "type", dag_type })),
  );
  fc.assert(fc.property(scopes, (scope) => {
    assert.deepEqual(Scope.parse(scope), scope);
    assert.deepEqual(parseScopeText(scopeKey(scope)), scope);
    assert.deepEqual(fromDbFields(toDbFields(scope)), scope);
  }));
});

function inferred(dag_id: string, ...envs: Record<string, string>[]): string {
  const { scope, source, problem } = inferScope({ dag_id, tasks: envs.map((env) => ({ env })) });
  return problem === undefined
    ? `${scopeKey(scope)} ${source}`
    : `${problem.path} ${problem.code} ${source}`;
}

Deno.test("inferScope tries the variables in order, over all tasks, before the DAG id", () => {
  const project = { PROJECT_ID: "p" };
  const user = { USER_ID: "u" };
  const type = { SCOPE_TYPE: "backup" };
  assert.equal(inferred("user-x", type, user, project), "project:p task_env:PROJECT_ID");
  assert.equal(inferred("user-x", type, user), "user:u task_env:USER_ID");
  assert.equal(inferred("user-x", {}, type), "type:backup task_env:SCOPE_TYPE");
  assert.equal(inferred("user-x", {}), "user:x dag_id_prefix");
  assert.equal(inferred("x", {}), "global default");
});

Deno.test("inferScope reads the prefix of the DAG id up to the next dash", () => {
  const cases = {
    "proj-abc-deploy": "project:abc dag_id_prefix",
    "proj-abc": "project:abc dag_id_prefix",
    "project-abc.v1-x-y": "project:abc.v1 dag_id_prefix",
    "user-ann-sync": "user:ann dag_id_prefix",
    "backup-nightly": "type:backup dag_id_prefix",
    "deploy-x": "type:deploy dag_id_prefix",
    "test-x": "type:test dag_id_prefix",
    "build-x": "type:build dag_id_prefix",
    "sync-x": "type:sync dag_id_prefix",
    "backup": "global default",
    "backups-x": "global default",
    "projection-x": "global default",
    "my-proj-x": "global default",
    "Proj-abc": "global default",
  };
  for (const [id, expected] of Object.entries(cases)) assert.equal(inferred(id), expected, id);
});

Deno.test("inferScope reports an id that cannot be one, with where it came from", () => {
  assert.equal(inferred("proj-"), "dag_id bad_id dag_id_prefix");
  assert.equal(inferred("proj--x"), "dag_id bad_id dag_id_prefix");
  assert.equal(inferred(`user-${"x".repeat(65)}`), "dag_id bad_id dag_id_prefix");
  assert.equal(
    inferred("x", {}, { PROJECT_ID: "a b" }),
    "tasks[1].env.PROJECT_ID bad_id task_env:PROJECT_ID",
  );
  assert.equal(
    inferred("proj-abc", { USER_ID: "" }),
    "tasks[0].env.USER_ID bad_id task_env:USER_ID",
  );
});

Deno.test("inferScope does not choose between two projects", () => {
  const { problem } = inferScope({
    dag_id: "x",
    tasks: [{ env: { PROJECT_ID: "a" } }, { env: { PROJECT_ID: "b" } }, {}],
  });
  assert.equal(problem?.code, "ambiguous_scope");
  assert.match(problem?.message ?? "", /"a" \(tasks\[0\]\.env\.PROJECT_ID\), "b"/);
});

Deno.test("the DAG's env is that of every task that does not set its own", () => {
  const tasks = [{ env: { PROJECT_ID: "own" } }];
  const hints = { dag_id: "x", env: { PROJECT_ID: "all" } };
  assert.equal(scopeKey(inferScope({ ...hints, tasks }).scope), "project:own");
  assert.equal(scopeKey(inferScope({ ...hints, tasks: [{}] }).scope), "project:all");
  assert.equal(inferScope({ ...hints, tasks: [...tasks, {}] }).problem?.code, "ambiguous_scope");
  const bad = inferScope({ dag_id: "x", env: { USER_ID: "/" }, tasks: [{}, {}] });
  assert.equal(bad.problem?.path, "env.USER_ID");
});

Deno.test("inferScope is not misled by names that every object has", () => {
  assert.equal(
    inferScope({ dag_id: "x", tasks: [{ env: Object.create({ USER_ID: "u" }) }] }).source,
    "default",
  );
});

Deno.test("describeScopeSource is a sentence for every source", () => {
  for (const source of ScopeSource.options) {
    assert.match(describeScopeSource(source, project), /^[A-Z].*project:abc.*\.$/);
  }
});
