/**
 * What becomes of attempts when their worker goes or comes back. What a worker holds and what the
 * database says it holds are brought together each time it connects; nothing depends on which
 * messages got through before.
 */
import type { Tx } from "../db/database.ts";
import type { AttemptRef } from "../schema/room_events.ts";
import type { Engine } from "./engine.ts";
import type { LocalExecutor } from "./local_executor.ts";
import type { RunningAttempt } from "./attempt_store.ts";
import type { RunStore } from "./run_store.ts";
import type { TaskChannel } from "./worker_pool.ts";

/** What rescuing takes. */
export interface RescuerParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly runs: RunStore;
  readonly channel: TaskChannel;
}

export class Rescuer {
  readonly #parts: RescuerParts;

  constructor(parts: RescuerParts) {
    this.#parts = parts;
  }

  /**
   * A worker is up. Attempts of an earlier life of it are lost; those of this life that it doesn't
   * hold never reached it and are sent again under the same lease; those it holds but shouldn't
   * are called off.
   */
  workerReady(
    tx: Tx,
    workerId: string,
    { instance, active }: { instance: string; active: readonly AttemptRef[] },
  ): void {
    const { engine, executor, channel } = this.#parts;
    engine.transact(tx, () => {
      const attempts = this.#parts.runs.attempts.runningOn(workerId);
      const held = new Set(active.map((ref) => ref.lease));
      const wanted = new Set<string>();
      const unsent: RunningAttempt[] = [];
      for (const attempt of attempts) {
        if (attempt.instance !== instance) this.#lose(tx, attempt, "its worker went away");
        else {
          wanted.add(attempt.lease);
          if (!held.has(attempt.lease)) unsent.push(attempt);
        }
      }
      executor.dispatchAgain(tx, workerId, unsent.map(refOf));
      const stray = active.filter((ref) => !wanted.has(ref.lease));
      if (stray.length > 0) {
        channel.cancel(tx, workerId, { tasks: stray, reason: "the attempt has ended" });
      }
      executor.dispatchReady(tx, workerId);
    });
  }

  /** A worker is gone with all it held. */
  workerLost(tx: Tx, workerId: string, reason: string): void {
    this.#parts.engine.transact(tx, () => {
      for (const attempt of this.#parts.runs.attempts.runningOn(workerId)) {
        this.#lose(tx, attempt, reason);
      }
    });
  }

  #lose(tx: Tx, attempt: RunningAttempt, reason: string): void {
    const run = this.#parts.engine.get(attempt.run_id);
    if (run === undefined) return;
    const index = attempt.task_index;
    this.#parts.runs.attempts.end(attempt.run_id, { ...attempt, index }, {
      status: "lost",
      at: tx.now,
      error: reason,
      errorCode: "worker_lost",
    });
    this.#parts.engine.apply(tx, run, { type: "lost", index, lease: attempt.lease, reason });
  }
}

function refOf({ run_id, task_id, attempt, lease }: RunningAttempt): AttemptRef {
  return { run_id, task_id, attempt, lease };
}
