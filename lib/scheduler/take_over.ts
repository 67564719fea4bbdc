/**
 * A run that several nodes share goes from one to the next. Each that has rows of it keeps what has ended;
 * what was under way begins anew, under attempts that go on counting.
 */
import type { Database, Tx } from "../db/database.ts";
import type { ActiveRun } from "./active_run.ts";
import type { DecisionStore } from "./decision_store.ts";
import type { Engine } from "./engine.ts";
import type { EventLog } from "./event_log.ts";
import type { LocalExecutor } from "./local_executor.ts";
import type { RunStore, TaskRow } from "./run_store.ts";
import { isFinalTask } from "../schema/states.ts";

export interface TakeOverParts {
  readonly db: Database;
  readonly runs: RunStore;
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly decisions: DecisionStore;
  readonly events: EventLog;
}

/** How a node begins with a run that has rows here already. */
export interface TakeOver {
  readonly runId: string;
  readonly nodeId: string;
  readonly workerId: string;
  /** When it has taken too long; null: never. */
  readonly deadlineAt: number | null;
  /** Tasks that had completed before the run began; they are nothing of its own to roll back. */
  readonly before: ReadonlySet<string>;
}

/** Stops carrying a run out, and leaves its rows as somebody goes on from them. It doesn't end. */
export function putDown(tx: Tx, parts: TakeOverParts, run: ActiveRun, reason: string): void {
  const { engine, executor, events } = parts;
  executor.putDown(tx, run, reason);
  settle(tx, parts, run.runId);
  engine.forget(run.runId);
  events.append(tx, {
    type: "run.put_down",
    dagId: run.dagId,
    runId: run.runId,
    workerId: run.workerId,
    data: { reason },
  });
}

/** Carries a run out from here on. */
export function takeOver(tx: Tx, parts: TakeOverParts, taken: TakeOver): void {
  const { db, engine, executor, runs } = parts;
  settle(tx, parts, taken.runId);
  numberEnds(parts, taken);
  db.run(
    "UPDATE dag_runs SET node_id = ?, worker_id = ?, deadline_at = ? WHERE run_id = ?",
    taken.nodeId,
    taken.workerId,
    taken.deadlineAt,
    taken.runId,
  );
  engine.forget(taken.runId);
  const run = engine.get(taken.runId);
  if (run === undefined) throw new Error(`the run ${runs.load(taken.runId)?.run_id} has ended`);
  engine.transact(tx, () => executor.execute(tx, run));
}

/** Brings the rows of an open run to where nobody is at work on it. */
export function settle(tx: Tx, { db, runs, decisions }: TakeOverParts, runId: string): void {
  const row = runs.load(runId);
  if (row === undefined || row.finished_at !== null) return;
  const tasks = runs.tasks(runId);
  db.run(
    `UPDATE task_attempts SET status = 'lost', finished_at = ?, error_code = 'claim_lost',
      error = 'its node does not have the run any more' WHERE run_id = ? AND status = 'running'`,
    tx.now,
    runId,
  );
  for (const { task_index, status } of tasks) {
    if (status === "awaiting_decision") decisions.withdraw(tx, runId, task_index);
  }
  db.run(
    `UPDATE task_runs SET status = 'pending', retry_at = NULL WHERE run_id = ?
       AND status IN ('ready', 'awaiting_decision', 'running', 'retry_wait')`,
    runId,
  );
  db.run(
    "UPDATE task_runs SET rollback = 'pending' WHERE run_id = ? AND rollback = 'running'",
    runId,
  );
  // What is being rolled back has failed, and goes on with that.
  const isRollingBack = tasks.some(({ rollback }) => rollback !== null);
  const isHeld = row.status === "paused" &&
    !tasks.some(({ status }) => status === "awaiting_decision");
  db.run(
    "UPDATE dag_runs SET status = ?, held = ? WHERE run_id = ?",
    isRollingBack ? "running" : "queued",
    Number(isHeld || row.held === 1),
    runId,
  );
}

/** What another node has ended counts as this run's own: in the order of its ends it is rolled back. */
function numberEnds({ db, runs }: TakeOverParts, { runId, before }: TakeOver): void {
  const ended = runs.tasks(runId)
    .filter((task) => isFinalTask(task.status) && !before.has(task.task_id)).sort(byEnd);
  ended.forEach(({ task_index }, at) => {
    db.run(
      "UPDATE task_runs SET ended_seq = ? WHERE run_id = ? AND task_index = ?",
      at + 1,
      runId,
      task_index,
    );
  });
}

function byEnd(a: TaskRow, b: TaskRow): number {
  return (a.ended_seq ?? 0) - (b.ended_seq ?? 0) || (a.finished_at ?? 0) - (b.finished_at ?? 0) ||
    a.task_index - b.task_index;
}
