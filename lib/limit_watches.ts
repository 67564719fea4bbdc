/**
 * Limits that the machine itself doesn't hold, kept by looking: memory where no control group counts
 * it, and the size of workspaces. An attempt that went too far is ended by its worker, as failed.
 */
import { join } from "node:path";
import type { Database } from "./db/database.ts";
import type { Engine } from "./scheduler/engine.ts";
import type { RunStore } from "./scheduler/run_store.ts";
import type { RoomTaskChannel } from "./matrix/task_channel.ts";
import type { AttemptRef, CancelContent } from "./schema/room_events.ts";
import type { Scope } from "./schema/scope.ts";
import { sizeBytes } from "./schema/size.ts";
import { DiskWatch } from "./worker/disk_watch.ts";
import { MemoryWatch, type WatchedWorker } from "./worker/memory_watch.ts";
import type { Supervisor } from "./worker/supervisor.ts";
import type { WorkerSnapshot } from "./worker/worker_snapshot.ts";

/** What the watches work with. */
export interface LimitWatchParts {
  readonly db: Database;
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly supervisor: Supervisor;
  readonly channel: RoomTaskChannel;
  /** Bytes that the tasks of a scope's worker may have together, and its workspace. */
  readonly limitsOf: (scope: Scope) => { readonly memory: number; readonly disk: number };
  readonly workspaceOf: (scope: Scope) => string;
  /** Absolute directory of the workers' temporary files. */
  readonly temp: string;
  /** Whether control groups hold memory, so that nobody has to look. */
  readonly memoryIsHeld: () => boolean;
  readonly report: (line: string) => void;
}

export class LimitWatches {
  readonly #parts: LimitWatchParts;
  readonly #memory: MemoryWatch;
  readonly #disk: DiskWatch;

  constructor(parts: LimitWatchParts) {
    this.#parts = parts;
    this.#memory = new MemoryWatch({
      workers: () => this.#busy().map((worker) => this.#watched(worker)),
      end: (workerId, ref, reason) => this.#end(workerId, { code: "out_of_memory", reason, ref }),
    });
    this.#disk = new DiskWatch({
      disks: () =>
        this.#busy().map(({ workerId, scope }) => ({
          workerId,
          directories: [parts.workspaceOf(scope), join(parts.temp, workerId)],
          limit: parts.limitsOf(scope).disk,
        })),
      end: (workerId, reason) => this.#end(workerId, { code: "disk_full", reason }),
    });
  }

  /** Tasks run, or may: looks as long as there are some. */
  wake(): void {
    if (!this.#parts.memoryIsHeld()) this.#memory.wake();
    this.#disk.wake();
  }

  /** A run has ended: looks no more where that was the last. */
  restWhenIdle(): void {
    if (this.#busy().length === 0) this.stop();
  }

  stop(): void {
    this.#memory.rest();
    this.#disk.rest();
  }

  /** Workers with attempts that run. */
  #busy(): (WorkerSnapshot & { readonly pid: number })[] {
    const { supervisor, runs } = this.#parts;
    return supervisor.list().filter((worker): worker is WorkerSnapshot & { pid: number } =>
      worker.status === "running" && worker.pid !== null &&
      runs.attempts.runningOn(worker.workerId).length > 0
    );
  }

  #watched({ workerId, pid, scope }: WorkerSnapshot & { readonly pid: number }): WatchedWorker {
    return {
      workerId,
      pid,
      limit: this.#parts.limitsOf(scope).memory,
      attemptLimit: (ref) => this.#attemptLimit(ref),
    };
  }

  #attemptLimit({ run_id, task_id }: Omit<AttemptRef, "lease">): number | null {
    const run = this.#parts.engine.get(run_id);
    const task = run?.machine.spec.tasks[run.indexOf.get(task_id) ?? -1];
    if (run === undefined || task === undefined) return null;
    const { memory } = task.resources ?? {};
    return memory === undefined ? null : sizeBytes(memory);
  }

  #end(
    workerId: string,
    { code, reason, ref }: {
      readonly code: CancelContent["code"];
      readonly reason: string;
      /** One attempt; absent: all that run there. */
      readonly ref?: Omit<AttemptRef, "lease">;
    },
  ): void {
    const { db, runs, channel, report } = this.#parts;
    const tasks = runs.attempts.runningOn(workerId).filter((attempt) =>
      ref === undefined ||
      attempt.run_id === ref.run_id && attempt.task_id === ref.task_id &&
        attempt.attempt === ref.attempt
    ).map(({ run_id, task_id, attempt, lease }) => ({ run_id, task_id, attempt, lease }));
    if (tasks.length === 0) return;
    db.write((tx) => channel.cancel(tx, workerId, { tasks, reason, code }))
      .catch((error) => report(`tasks of ${workerId} could not be ended: ${String(error)}`));
  }
}
