import assert from "node:assert/strict";
import { Database, type SqlValue } from "../../lib/db/database.ts";
import {
  ATTEMPT_STATES,
  type AttemptState,
  DECISION_STATES,
  isFinalRun,
  isFinalTask,
  RUN_STATES,
  RUN_TRANSITIONS,
  type RunState,
  TASK_STATES,
  TASK_TRANSITIONS,
  type TaskState,
  VERSION_STATES,
  VERSION_TRANSITIONS,
  type VersionState,
  WORKER_STATES,
  WORKER_TRANSITIONS,
} from "../../lib/schema/states.ts";

const HASH = "0".repeat(64);

/** A database with one token, one version, one run, one task. */
function openFilled(): Database {
  const db = new Database(":memory:");
  insert(db, "tokens", { token_id: "t", name: "t", secret_hash: "h", roles: "[]", created_at: 0 });
  insert(db, "dag_specs", version("waiting_confirmation"));
  insert(db, "dag_runs", run("queued"));
  insert(db, "task_runs", task("pending"));
  return db;
}

type Values = Record<string, SqlValue>;

function insert(db: Database, table: string, values: Values): void {
  const names = Object.keys(values);
  const marks = names.map(() => "?").join(",");
  db.run(`INSERT INTO ${table} (${names.join(",")}) VALUES (${marks})`, ...Object.values(values));
}

function version(status: string, more: Values = {}): Values {
  return {
    dag_id: "d",
    version: 1,
    spec_hash: HASH,
    scope_type: "Global",
    scope_id: null,
    priority: "medium",
    spec_json: "{}",
    scope_source: "spec",
    warnings: "[]",
    tasks_count: 1,
    published_by: "t",
    published_at: 0,
    expires_at: 1,
    ...ofVersion(status),
    ...more,
  };
}

/** The columns that must go with a state. */
function ofVersion(status: string): Values {
  const decided = status === "confirmed" || status === "rejected";
  return {
    status,
    decided_by: decided ? "t" : null,
    decided_at: status === "waiting_confirmation" ? null : 1,
    run_id: status === "confirmed" ? "r" : null,
  };
}

function run(status: RunState, more: Values = {}): Values {
  return {
    run_id: "r",
    dag_id: "d",
    version: 1,
    scope_type: "Global",
    priority: "medium",
    node_id: "n",
    worker_id: "w",
    triggered_by: "confirm",
    created_at: 0,
    total_tasks: 1,
    ...ofRun(status),
    ...more,
  };
}

function ofRun(status: RunState): Values {
  return { status, finished_at: isFinalRun(status) ? 1 : null };
}

function task(status: TaskState): Values {
  return { run_id: "r", task_index: 0, task_id: "a", ...ofTask(status) };
}

function ofTask(status: TaskState): Values {
  return { status, retry_at: status === "retry_wait" ? 1 : null };
}

function attempt(status: AttemptState, more: Values = {}): Values {
  return {
    run_id: "r",
    task_index: 0,
    attempt: 1,
    lease: "l",
    worker_id: "w",
    instance: "i",
    started_at: 0,
    status,
    finished_at: status === "running" ? null : 1,
    ...more,
  };
}

function worker(status: string): Values {
  return {
    worker_id: "w",
    scope_type: "Global",
    room_id: "!w:n",
    node_id: "n",
    status,
    managed_by: "node",
    reused: 1,
    instance: "i",
    secret_hash: "h",
    flags: "[]",
  };
}

/** Changes the only row of a table. */
function update(db: Database, table: string, values: Values): void {
  const sets = Object.keys(values).map((name) => `${name} = ?`).join(", ");
  assert.equal(db.run(`UPDATE ${table} SET ${sets}`, ...Object.values(values)), 1);
}

for (const from of VERSION_STATES) {
  for (const to of VERSION_STATES) {
    const allowed = VERSION_TRANSITIONS[from].includes(to);
    // Written again as it is: no change for a version that waits, refused for a decided one.
    if (from === to && from === "waiting_confirmation") continue;
    Deno.test(`version ${from} → ${to} is ${allowed ? "taken" : "refused"}`, () => {
      using db = openFilled();
      if (from !== "waiting_confirmation") update(db, "dag_specs", ofVersion(from));
      const change = (): void => update(db, "dag_specs", ofVersion(to));
      if (allowed) change();
      else assert.throws(change, /a decided version does not change/);
      const now = db.get<{ status: VersionState }>("SELECT status FROM dag_specs")?.status;
      assert.equal(now, allowed ? to : from);
    });
  }
}

for (const from of RUN_STATES) {
  for (const to of RUN_STATES) {
    if (!isFinalRun(from) && !RUN_TRANSITIONS[from].includes(to)) continue;
    const allowed = RUN_TRANSITIONS[from].includes(to);
    Deno.test(`run ${from} → ${to} is ${allowed ? "taken" : "refused"}`, () => {
      using db = openFilled();
      if (from !== "queued") update(db, "dag_runs", ofRun(from));
      const change = (): void => update(db, "dag_runs", ofRun(to));
      if (allowed) change();
      else assert.throws(change, /an ended run does not change/);
      const now = db.get<{ status: RunState }>("SELECT status FROM dag_runs")?.status;
      assert.equal(now, allowed ? to : from);
    });
  }
}

for (const from of TASK_STATES) {
  for (const to of TASK_STATES) {
    if (!isFinalTask(from) && !TASK_TRANSITIONS[from].includes(to)) continue;
    const allowed = TASK_TRANSITIONS[from].includes(to);
    Deno.test(`task ${from} → ${to} is ${allowed ? "taken" : "refused"}`, () => {
      using db = openFilled();
      if (from !== "pending") update(db, "task_runs", ofTask(from));
      const change = (): void => update(db, "task_runs", ofTask(to));
      if (allowed) change();
      else assert.throws(change, /an ended task does not change/);
      const now = db.get<{ status: TaskState }>("SELECT status FROM task_runs")?.status;
      assert.equal(now, allowed ? to : from);
    });
  }
}

for (const from of WORKER_STATES) {
  for (const to of WORKER_STATES) {
    const allowed = from === to || WORKER_TRANSITIONS[from].includes(to);
    Deno.test(`worker ${from} → ${to} is ${allowed ? "taken" : "refused"}`, () => {
      using db = openFilled();
      insert(db, "workers", worker(from));
      const change = (): void => update(db, "workers", { status: to });
      if (allowed) change();
      else assert.throws(change, /a worker does not change from this state to that one/);
      const now = db.get<{ status: string }>("SELECT status FROM workers")?.status;
      assert.equal(now, allowed ? to : from);
    });
  }
}

/** A decision about the only task. */
function decision(status: string, more: Values = {}): Values {
  return {
    ...{ decision_id: "x", run_id: "r", task_index: 0, task_id: "a", dag_id: "d", version: 1 },
    ...{ scope_type: "Global", kind: "confirmed", question: "?", options: "[]" },
    ...{ default_action: "fail", created_at: 0, expires_at: 1, status },
    decided_at: status === "open" ? null : 1,
    ...more,
  };
}

for (const from of DECISION_STATES) {
  Deno.test(`a decision that is ${from} ${from === "open" ? "can be taken" : "stays"}`, () => {
    using db = openFilled();
    insert(db, "decisions", decision(from));
    const change = (): void => update(db, "decisions", { status: "approved", decided_at: 2 });
    if (from === "open") change();
    else assert.throws(change, /a decision that was taken does not change/);
  });
}

Deno.test("a task has one open decision, a stakeholder one vote, and a debt is of one task", () => {
  using db = openFilled();
  insert(db, "decisions", decision("open"));
  assert.throws(() => insert(db, "decisions", decision("open", { decision_id: "y" })), /UNIQUE/);
  const vote = { decision_id: "x", stakeholder: "ann", token_id: "t", vote: "reject", voted_at: 1 };
  insert(db, "decision_votes", vote);
  assert.throws(() => insert(db, "decision_votes", { ...vote, vote: "approve" }), /UNIQUE/);
  assert.throws(() => insert(db, "decision_votes", { ...vote, stakeholder: "bob" }), /UNIQUE/);
  const debt = {
    ...{ debt_id: "x", run_id: "r", task_index: 0, task_id: "a", dag_id: "d" },
    ...{ scope_type: "Global", created_at: 0, status: "open" },
  };
  insert(db, "debts", debt);
  assert.throws(() => insert(db, "debts", { ...debt, debt_id: "y" }), /UNIQUE/);
  assert.throws(() => update(db, "debts", { status: "resolved" }), /CHECK/);
  for (
    const [table, column] of [["decisions", "kind"], ["decisions", "status"], ["debts", "status"]]
  ) {
    assert.throws(() => update(db, table ?? "", { [column ?? ""]: "reborn" }), /constraint failed/);
  }
});

Deno.test("every state of the schema can be stored, any other is refused", () => {
  for (const status of ATTEMPT_STATES) {
    using db = openFilled();
    insert(db, "task_attempts", attempt(status));
  }
  for (const status of WORKER_STATES) {
    using db = openFilled();
    insert(db, "workers", worker(status));
  }
  using db = openFilled();
  const invented = "reborn";
  for (
    const wrong of [
      () => insert(db, "dag_specs", version(invented, { version: 2 })),
      () => update(db, "dag_specs", { status: invented }),
      () => update(db, "dag_runs", { status: invented }),
      () => update(db, "task_runs", { status: invented }),
      () => insert(db, "task_attempts", attempt(invented as AttemptState)),
      () => insert(db, "workers", worker(invented)),
    ]
  ) assert.throws(wrong, /constraint failed/, String(wrong));
});

const REFUSED: Record<string, (db: Database) => void> = {
  "confirmed without a run": (db) =>
    update(db, "dag_specs", { ...ofVersion("confirmed"), run_id: null }),
  "a run of a version that isn't confirmed": (db) => update(db, "dag_specs", { run_id: "r" }),
  "confirmed by nobody": (db) =>
    update(db, "dag_specs", { ...ofVersion("confirmed"), decided_by: null }),
  "confirmed at no time": (db) =>
    update(db, "dag_specs", { ...ofVersion("confirmed"), decided_at: null }),
  "confirmed by a token that doesn't exist": (db) =>
    update(db, "dag_specs", { ...ofVersion("confirmed"), decided_by: "nobody" }),
  "two waiting versions": (db) =>
    insert(db, "dag_specs", version("waiting_confirmation", { version: 2 })),
  "the same version twice": (db) => insert(db, "dag_specs", version("superseded")),
  "version 0": (db) => insert(db, "dag_specs", version("superseded", { version: 0 })),
  "a version without tasks": (db) =>
    insert(db, "dag_specs", version("superseded", { version: 2, tasks_count: 0 })),
  "a hash that is none": (db) =>
    insert(db, "dag_specs", version("superseded", { version: 2, spec_hash: "abc" })),
  "a spec that isn't JSON": (db) =>
    insert(db, "dag_specs", version("superseded", { version: 2, spec_json: "{" })),
  "a project without its id": (db) =>
    insert(db, "dag_specs", version("superseded", { version: 2, scope_type: "Project" })),
  "a global scope with an id": (db) =>
    insert(db, "dag_specs", version("superseded", { version: 2, scope_id: "x" })),
  "another policy for the same version": (db) => update(db, "dag_specs", { policy_json: "{}" }),
  "a policy that is no JSON": (db) =>
    insert(db, "dag_specs", version("superseded", { version: 2, policy_json: "{" })),
  "another spec in the same version": (db) => update(db, "dag_specs", { spec_json: '{"a":1}' }),
  "another hash in the same version": (db) =>
    update(db, "dag_specs", { spec_hash: "1".repeat(64) }),
  "another scope in the same version": (db) =>
    update(db, "dag_specs", { scope_type: "User", scope_id: "u" }),
  "another publisher of the same version": (db) => update(db, "dag_specs", { published_by: "t" }),
  "a run of no version": (db) =>
    insert(db, "dag_runs", run("queued", { run_id: "r2", version: 7 })),
  "an ended run without an end": (db) => update(db, "dag_runs", { status: "failed" }),
  "a running run with an end": (db) =>
    update(db, "dag_runs", { status: "running", finished_at: 1 }),
  "more completed tasks than tasks": (db) => update(db, "dag_runs", { completed_tasks: 2 }),
  "a task of no run": (db) => insert(db, "task_runs", { ...task("pending"), run_id: "nix" }),
  "a retry at no time": (db) => update(db, "task_runs", { status: "retry_wait" }),
  "a retry time without a retry": (db) => update(db, "task_runs", { retry_at: 1 }),
  "outputs that aren't JSON": (db) => update(db, "task_runs", { outputs: "{" }),
  "attempt 0": (db) => insert(db, "task_attempts", attempt("running", { attempt: 0 })),
  "two running attempts of a task": (db) => {
    insert(db, "task_attempts", attempt("running"));
    insert(db, "task_attempts", attempt("running", { attempt: 2, lease: "l2" }));
  },
  "an ended attempt without an end": (db) =>
    insert(db, "task_attempts", attempt("failed", { finished_at: null })),
  "a restart that waits without a crash": (db) =>
    insert(db, "workers", { ...worker("running"), restart_at: 1 }),
  "the history of no worker": (db) =>
    insert(db, "worker_history", {
      ...{ worker_id: "nobody", time: 1, status: "running", reason: "", restarts: 0 },
      last_lines: "[]",
    }),
  "text where a number belongs": (db) => update(db, "dag_specs", { expires_at: "soon" }),
  "a log chunk of half an attempt": (db) => insert(db, "log_chunks", logChunk({ run_id: "r" })),
  "a log chunk without lines": (db) => insert(db, "log_chunks", logChunk({ lines: 0 })),
};

function logChunk(parts: Record<string, SqlValue>): Record<string, SqlValue> {
  const runs = "[[0,1,0]]";
  return { lines: 1, worker_id: "w", kept_at: 0, time: 0, runs, text: "x", ...parts };
}

Deno.test("the database takes a log chunk of a worker", () => {
  using db = openFilled();
  insert(db, "log_chunks", logChunk({}));
  assert.equal(db.get<{ bytes: number }>("SELECT bytes FROM log_size")?.bytes, 301);
});

for (const [what, change] of Object.entries(REFUSED)) {
  Deno.test(`the database refuses ${what}`, () => {
    using db = openFilled();
    assert.throws(() => change(db), /constraint|does not change|cannot store TEXT/);
  });
}
