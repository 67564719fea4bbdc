/** Runs and their tasks: rows of `dag_runs` and `task_runs`. */
import type { Database, Row, SqlValue, Tx } from "../db/database.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { Priority } from "../schema/priority.ts";
import { toDbFields } from "../schema/scope.ts";
import { isFinalRun, type RollbackState, type RunState, type TaskState } from "../schema/states.ts";
import { AttemptStore } from "./attempt_store.ts";
import type { RunMachine, StoredTask, TaskNode } from "./run_machine.ts";

/** A run as stored, with names in place of token ids. */
export interface RunRow {
  readonly run_id: string;
  readonly dag_id: string;
  readonly version: number;
  readonly spec_hash: string;
  readonly spec_json: string;
  readonly scope_type: string;
  readonly scope_id: string | null;
  readonly status: RunState;
  readonly priority: Priority;
  readonly node_id: string;
  readonly worker_id: string;
  readonly triggered_by: string;
  readonly confirmed_by: string | null;
  readonly confirmed_by_name: string | null;
  readonly retry_of: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly deadline_at: number | null;
  /** 1 while a person has paused it. */
  readonly held: number;
  /** The run by whose times its tasks are put in order. */
  readonly times_of: string | null;
  readonly error: string | null;
  readonly total_tasks: number;
  readonly completed_tasks: number;
}

/** What a new run is made of. */
export interface NewRun {
  readonly runId: string;
  readonly spec: DagSpec;
  readonly version: number;
  readonly nodeId: string;
  readonly workerId: string;
  /** "confirm", "run", "retry", … */
  readonly triggeredBy: string;
  readonly confirmedBy: string | null;
  readonly retryOf: string | null;
  readonly deadlineAt: number | null;
}

/** A task of a run as stored. */
export interface TaskRow {
  readonly task_index: number;
  readonly task_id: string;
  readonly status: TaskState;
  readonly attempt: number;
  readonly failures: number;
  readonly losses: number;
  /** 1 when a decision has let it start. */
  readonly cleared: number;
  readonly ended_seq: number | null;
  readonly rollback: RollbackState | null;
  readonly outputs: string | null;
  readonly error: string | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly retry_at: number | null;
}

/** Which runs to list; absent: all. */
export interface RunFilter {
  readonly status?: RunState;
  readonly dagId?: string;
  /** Scope columns as `toDbFields` gives them. */
  readonly scope?: { readonly scope_type: string; readonly scope_id: string | null };
  /** Created at or after, epoch milliseconds. */
  readonly since?: number;
  /** Part of the dag_id or run_id. */
  readonly q?: string;
  /** Behind this run in the list, newest first. */
  readonly before?: { readonly createdAt: number; readonly runId: string };
  readonly limit: number;
}

// CROSS JOIN keeps SQLite from going through the versions first, which with many runs of few DAGs means
// to sort them all for one page.
const SELECT = `SELECT r.*, s.spec_hash, s.spec_json, c.name AS confirmed_by_name
  FROM dag_runs r CROSS JOIN dag_specs s ON s.dag_id = r.dag_id AND s.version = r.version
  LEFT JOIN tokens c ON c.token_id = r.confirmed_by`;

export class RunStore {
  /** The attempts at their tasks. */
  readonly attempts: AttemptStore;
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    this.attempts = new AttemptStore(db);
  }

  /** Stores a new, queued run with a row for each task as the machine has it. */
  save(
    tx: Tx,
    run: NewRun & { readonly timesOf: string | null },
    machine: RunMachine,
  ): void {
    const { scope_type, scope_id } = toDbFields(run.spec.scope);
    this.#db.run(
      `INSERT INTO dag_runs (run_id, dag_id, version, scope_type, scope_id, target_node, status,
        priority, node_id, worker_id, triggered_by, confirmed_by, retry_of, created_at,
        deadline_at, total_tasks, completed_tasks, times_of)
       VALUES (?,?,?,?,?,?,'queued',?,?,?,?,?,?,?,?,?,?,?)`,
      run.runId,
      run.spec.dag_id,
      run.version,
      scope_type,
      scope_id,
      run.spec.target_node ?? null,
      run.spec.priority,
      run.nodeId,
      run.workerId,
      run.triggeredBy,
      run.confirmedBy,
      run.retryOf,
      tx.now,
      run.deadlineAt,
      run.spec.tasks.length,
      machine.completed,
      run.timesOf,
    );
    run.spec.tasks.forEach((task, index) => {
      const node = machine.tasks[index];
      if (node === undefined) return;
      this.#db.run(
        `INSERT INTO task_runs (run_id, task_index, task_id, status, attempt, failures, losses,
          error, started_at, finished_at, retry_at, cleared, ended_seq, rollback)
         VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
        run.runId,
        index,
        task.id,
        ...taskColumns(node),
      );
    });
  }

  /** Writes a run's own state. */
  updateRun(tx: Tx, runId: string, machine: RunMachine): void {
    this.#db.run(
      `UPDATE dag_runs SET status = ?, error = ?, completed_tasks = ?,
        started_at = coalesce(started_at, ?), finished_at = ?, held = ? WHERE run_id = ?`,
      machine.status,
      machine.error,
      machine.completed,
      machine.status === "queued" ? null : tx.now,
      isFinalRun(machine.status) ? tx.now : null,
      machine.held ? 1 : 0,
      runId,
    );
  }

  /** Writes how many tasks have completed, when nothing else of the run changed. */
  updateProgress(runId: string, completed: number): void {
    this.#db.run("UPDATE dag_runs SET completed_tasks = ? WHERE run_id = ?", completed, runId);
  }

  /** Writes a task's state. */
  updateTask(runId: string, index: number, node: TaskNode): void {
    this.#db.run(
      `UPDATE task_runs SET status = ?, attempt = ?, failures = ?, losses = ?, error = ?,
        started_at = ?, finished_at = ?, retry_at = ?, cleared = ?, ended_seq = ?, rollback = ?
       WHERE run_id = ? AND task_index = ?`,
      ...taskColumns(node),
      runId,
      index,
    );
  }

  /** Writes how the rollback of an ended task stands; its end itself doesn't change any more. */
  updateRollback(runId: string, index: number, node: TaskNode): void {
    this.#db.run(
      `UPDATE task_runs SET rollback = ?, attempt = ?, losses = ?, error = ?
       WHERE run_id = ? AND task_index = ?`,
      node.rollback,
      node.attempt,
      node.losses,
      node.error,
      runId,
      index,
    );
  }

  /** Keeps a task's outputs as JSON text. */
  saveOutputs(runId: string, index: number, outputs: string): void {
    this.#db.run(
      "UPDATE task_runs SET outputs = ? WHERE run_id = ? AND task_index = ?",
      outputs,
      runId,
      index,
    );
  }

  /** Takes the outputs of another run's tasks over, where this run counts them as completed. */
  copyOutputs(fromRunId: string, toRunId: string): void {
    this.#db.run(
      `UPDATE task_runs SET outputs = o.outputs FROM task_runs o
       WHERE task_runs.run_id = ? AND task_runs.status = 'completed'
         AND o.run_id = ? AND o.task_index = task_runs.task_index`,
      toRunId,
      fromRunId,
    );
  }

  /** One run. */
  load(runId: string): RunRow | undefined {
    return this.#db.get<RunRow>(`${SELECT} WHERE r.run_id = ?`, runId);
  }

  /** Whether a run has ended or isn't there; without a look at its spec, however long that is. */
  isOver(runId: string): boolean {
    const sql = "SELECT 1 FROM dag_runs WHERE run_id = ? AND finished_at IS NULL";
    return this.#db.get(sql, runId) === undefined;
  }

  /** Runs that haven't ended, oldest first. */
  open(): RunRow[] {
    return this.#db.all<RunRow>(`${SELECT} WHERE r.finished_at IS NULL ORDER BY r.created_at`);
  }

  /** A DAG's newest run. */
  newestOf(dagId: string): RunRow | undefined {
    return this.#db.get<RunRow>(
      `${SELECT} WHERE r.dag_id = ? ORDER BY r.created_at DESC, r.run_id DESC LIMIT 1`,
      dagId,
    );
  }

  /** Runs, newest first. */
  list(filter: RunFilter): RunRow[] {
    const where: string[] = [];
    const values: SqlValue[] = [];
    const add = (condition: string, ...given: SqlValue[]): void => {
      where.push(condition);
      values.push(...given);
    };
    if (filter.status !== undefined) add("r.status = ?", filter.status);
    if (filter.dagId !== undefined) add("r.dag_id = ?", filter.dagId);
    if (filter.scope !== undefined) {
      add("r.scope_type = ? AND r.scope_id IS ?", filter.scope.scope_type, filter.scope.scope_id);
    }
    if (filter.since !== undefined) add("r.created_at >= ?", filter.since);
    if (filter.q !== undefined) {
      add("(instr(r.dag_id, ?) > 0 OR instr(r.run_id, ?) > 0)", filter.q, filter.q);
    }
    if (filter.before !== undefined) {
      add("(r.created_at, r.run_id) < (?, ?)", filter.before.createdAt, filter.before.runId);
    }
    const condition = where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`;
    return this.#db.all<RunRow>(
      `${SELECT} ${condition} ORDER BY r.created_at DESC, r.run_id DESC LIMIT ?`,
      ...values,
      filter.limit,
    );
  }

  /** The tasks of a run in the spec's order. */
  tasks(runId: string): TaskRow[] {
    return this.#db.all<TaskRow>(
      "SELECT * FROM task_runs WHERE run_id = ? ORDER BY task_index",
      runId,
    );
  }

  /** The first tasks that are in some state, and no more of them than that. */
  tasksIn(
    runId: string,
    states: readonly TaskState[],
    most: number,
  ): Pick<TaskRow, "task_id" | "status" | "error">[] {
    const marks = states.map(() => "?").join(",");
    const sql = `SELECT task_id, status, error FROM task_runs
       WHERE run_id = ? AND status IN (${marks}) ORDER BY task_index LIMIT ?`;
    return this.#db.all(sql, runId, ...states, most);
  }

  /** How many tasks are in a state. */
  countIn(runId: string, state: TaskState): number {
    const sql = "SELECT count(*) AS count FROM task_runs WHERE run_id = ? AND status = ?";
    return this.#db.get<{ count: number }>(sql, runId, state)?.count ?? 0;
  }

  /** The outputs of some tasks, as JSON text by task index. */
  outputsOf(runId: string, indexes: readonly number[]): Map<number, string> {
    const found = new Map<number, string>();
    for (const index of indexes) {
      const row = this.#db.get<Row>(
        "SELECT outputs FROM task_runs WHERE run_id = ? AND task_index = ?",
        runId,
        index,
      );
      if (typeof row?.["outputs"] === "string") found.set(index, row["outputs"]);
    }
    return found;
  }

  /** What {@linkcode restoreRunMachine} needs of a run's tasks. */
  storedTasks(runId: string): StoredTask[] {
    const leases = this.attempts.leases(runId);
    return this.tasks(runId).map((row) => ({
      status: row.status,
      attempt: row.attempt,
      failures: row.failures,
      losses: row.losses,
      cleared: row.cleared === 1,
      endedSeq: row.ended_seq,
      rollback: row.rollback,
      lease: leases.get(row.task_index) ?? null,
      error: row.error,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      retryAt: row.retry_at,
      hasOutputs: row.outputs !== null,
    }));
  }

  /** Whether this node goes on with what another has begun. */
  wasElsewhere(runId: string): boolean {
    return this.#db.get("SELECT 1 FROM shared_runs WHERE run_id = ? AND held > 1", runId) !==
      undefined;
  }
}

function taskColumns(node: TaskNode): SqlValue[] {
  return [
    node.status,
    node.attempt,
    node.failures,
    node.losses,
    node.error,
    node.startedAt,
    node.finishedAt,
    node.retryAt,
    node.cleared ? 1 : 0,
    node.endedSeq,
    node.rollback,
  ];
}
