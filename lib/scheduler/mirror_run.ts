/** Brings what another node says of a run into the rows of this one, with the events that tell of it. */
import type { Database, Tx } from "../db/database.ts";
import type { AttemptView, RunView, TaskView } from "../schema/api.ts";
import { isFinalRun, isFinalTask } from "../schema/states.ts";
import type { Engine } from "./engine.ts";
import type { EventLog } from "./event_log.ts";
import type { HandoverStore } from "./handover_store.ts";
import type { RunRow, RunStore, TaskRow } from "./run_store.ts";

export interface MirrorParts {
  readonly db: Database;
  readonly runs: RunStore;
  readonly engine: Engine;
  readonly events: EventLog;
  readonly handovers: HandoverStore;
}

/** Writes a run as the node that has it shows it. What has ended here stays as it is. */
export function mirrorRun(tx: Tx, parts: MirrorParts, view: RunView): void {
  const { runs, engine, handovers } = parts;
  const row = runs.load(view.run_id);
  if (row === undefined || isFinalRun(row.status)) return;
  const before = new Map(runs.tasks(row.run_id).map((task) => [task.task_id, task]));
  for (const task of view.tasks) {
    const known = before.get(task.task_id);
    if (known === undefined) continue;
    mirrorTask(tx, parts, { row, known, task });
    for (const attempt of task.attempts) mirrorAttempt(parts, { row, known, attempt }, view);
  }
  updateRun(tx, parts, { row, view });
  engine.forget(row.run_id);
  if (isFinalRun(view.status)) handovers.end(tx, row.run_id);
}

function mirrorTask(
  tx: Tx,
  { db, events }: MirrorParts,
  { row, known, task }: { row: RunRow; known: TaskRow; task: TaskView },
): void {
  // How it is rolled back is told after its end, and everything else is as it was then.
  db.run(
    "UPDATE task_runs SET rollback = ? WHERE run_id = ? AND task_index = ?",
    task.rollback,
    row.run_id,
    known.task_index,
  );
  if (isFinalTask(known.status)) return;
  const attempt = task.attempts.at(-1)?.attempt ?? known.attempt;
  db.run(
    `UPDATE task_runs SET status = ?, attempt = ?, error = ?, outputs = ?, started_at = ?,
      finished_at = ?, retry_at = ? WHERE run_id = ? AND task_index = ?`,
    task.status,
    attempt,
    task.error,
    task.outputs === null ? null : JSON.stringify(task.outputs),
    millis(task.started_at),
    millis(task.finished_at),
    millis(task.retry_at),
    row.run_id,
    known.task_index,
  );
  if (task.status === known.status) return;
  const data = { attempt, ...(task.error === null ? {} : { error: task.error }) };
  const about = { dagId: row.dag_id, runId: row.run_id, taskId: task.task_id };
  events.append(tx, { type: `task.${task.status}`, ...about, data });
}

function mirrorAttempt(
  { db }: MirrorParts,
  { row, known, attempt }: { row: RunRow; known: TaskRow; attempt: AttemptView },
  { node_id }: RunView,
): void {
  db.run(
    `INSERT INTO task_attempts (run_id, task_index, attempt, lease, worker_id, instance, kind,
      status, started_at, finished_at, exit_code, error, error_code, late_result)
     VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
     ON CONFLICT (run_id, task_index, attempt) DO UPDATE SET status = excluded.status,
      started_at = excluded.started_at, finished_at = excluded.finished_at,
      exit_code = excluded.exit_code, error = excluded.error, error_code = excluded.error_code,
      late_result = excluded.late_result`,
    row.run_id,
    known.task_index,
    attempt.attempt,
    // The lease is the other node's; nothing here is done under it.
    `at ${node_id}`,
    attempt.worker_id,
    node_id,
    attempt.kind,
    attempt.status,
    millis(attempt.started_at) ?? row.created_at,
    millis(attempt.finished_at),
    attempt.exit_code,
    attempt.error,
    attempt.error_code,
    attempt.late_result === null ? null : JSON.stringify(attempt.late_result),
  );
}

function updateRun(
  tx: Tx,
  { db, events }: MirrorParts,
  { row, view }: { row: RunRow; view: RunView },
): void {
  db.run(
    `UPDATE dag_runs SET status = ?, node_id = ?, worker_id = ?, error = ?, completed_tasks = ?,
      started_at = ?, finished_at = ? WHERE run_id = ?`,
    view.status,
    view.node_id,
    view.worker_id,
    view.error,
    view.completed_tasks,
    millis(view.started_at),
    millis(view.finished_at),
    row.run_id,
  );
  if (view.status === row.status) return;
  const data = { node_id: view.node_id, ...(view.error === null ? {} : { error: view.error }) };
  events.append(tx, {
    type: `run.${view.status}`,
    dagId: row.dag_id,
    runId: row.run_id,
    workerId: view.worker_id,
    data,
  });
}

function millis(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}
