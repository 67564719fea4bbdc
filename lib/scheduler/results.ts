/**
 * What workers report: results end attempts, log lines are kept. A report counts only under the
 * lease of the attempt that runs on that very worker; anything else changes nothing.
 */
import type { Tx } from "../db/database.ts";
import type { LogContent, ResultContent, TaskResult } from "../schema/room_events.ts";
import type { Engine } from "./engine.ts";
import { isoTime } from "./iso_time.ts";
import type { LocalExecutor } from "./local_executor.ts";
import type { LogStore } from "./log_store.ts";
import { holdsLease, isRollingBack } from "./run_machine.ts";
import type { RunStore } from "./run_store.ts";

/** What receiving reports takes. */
export interface ResultParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly runs: RunStore;
  readonly logs: LogStore;
  /** From 0 to 1, for the jitter of retries. */
  readonly random: () => number;
}

/** What became of results that came. */
export interface Reception {
  readonly counted: number;
  /** Those of attempts that the worker had, but that had ended: no fault of it, as a rule. */
  readonly late: number;
  /** Those of attempts that the worker never had. */
  readonly foreign: number;
}

export class Results {
  readonly #parts: ResultParts;

  constructor(parts: ResultParts) {
    this.#parts = parts;
  }

  /** Takes a worker's results and hands it what has become ready. */
  accept(tx: Tx, workerId: string, { results }: ResultContent): Reception {
    const { engine, executor, runs } = this.#parts;
    return engine.transact(tx, () => {
      const reception = { counted: 0, late: 0, foreign: 0 };
      for (const result of results) {
        if (this.#accept(tx, workerId, result)) reception.counted++;
        else if (runs.attempts.has(result, workerId)) {
          reception.late++;
          this.#keepLate(tx, workerId, result);
        } else reception.foreign++;
      }
      executor.dispatchReady(tx, workerId);
      return reception;
    });
  }

  /** Keeps a worker's log lines. @returns how many attempts it wrote of that it never had */
  keepLogs(tx: Tx, workerId: string, { logs }: LogContent): number {
    const { runs } = this.#parts;
    let foreign = 0;
    for (const chunk of logs) {
      if (runs.attempts.has(chunk, workerId)) this.#parts.logs.append(tx, workerId, chunk);
      else foreign++;
    }
    return foreign;
  }

  /** That a worker has stopped what was taken from it says nothing new; how it ended does. */
  #keepLate(tx: Tx, workerId: string, result: TaskResult): void {
    const { status, exit_code, error, outputs } = result;
    if (status === "cancelled") return;
    this.#parts.runs.attempts.keepLate(result, workerId, {
      ...{ status, exit_code, outputs, received_at: isoTime(tx.now) },
      ...{ error: error?.message ?? null, error_code: error?.code ?? null },
    });
  }

  #accept(tx: Tx, workerId: string, result: TaskResult): boolean {
    const { engine, runs, random } = this.#parts;
    const run = engine.get(result.run_id);
    const index = run?.indexOf.get(result.task_id);
    if (run === undefined || index === undefined || run.workerId !== workerId) return false;
    const { lease } = result;
    if (!holdsLease(run.machine, index, lease)) return false;
    const ended = runs.attempts.end(result.run_id, { index, attempt: result.attempt, lease }, {
      status: result.status === "cancelled" ? "lost" : result.status,
      at: tx.now,
      startedAt: result.started_at,
      exitCode: result.exit_code,
      error: result.error?.message ?? null,
      errorCode: result.error?.code ?? null,
    });
    // The lease is right, but not for an attempt of that number: the report contradicts itself.
    if (!ended) return false;
    if (result.status === "completed") {
      // What a rollback puts out isn't the task's.
      const isRollback = isRollingBack(run.machine);
      const hasOutputs = result.outputs !== null && !isRollback;
      engine.apply(tx, run, { type: "completed", index, lease, hasOutputs });
      if (hasOutputs) runs.saveOutputs(result.run_id, index, JSON.stringify(result.outputs));
    } else if (result.status === "failed") {
      const error = result.error?.message ?? "it failed without a reason";
      engine.apply(tx, run, { type: "failed", index, lease, error, random: random() });
    } else {
      // Given up by the worker itself, as when it is told to end. Not the task's failure.
      const reason = result.error?.message ?? "its worker gave it up";
      engine.apply(tx, run, { type: "lost", index, lease, reason });
    }
    return true;
  }
}
