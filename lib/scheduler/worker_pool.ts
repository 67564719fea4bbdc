/** What the scheduler needs of workers and rooms; lib/worker and lib/matrix provide it. */
import type { Tx } from "../db/database.ts";
import type { AttemptRef, TaskDispatch } from "../schema/room_events.ts";
import type { Scope } from "../schema/scope.ts";

/** A worker that is up and takes tasks. */
export interface ReadyWorker {
  /** One life of the process; a restarted worker has another. */
  readonly instance: string;
  /** How many tasks it runs at once. */
  readonly slots: number;
}

/** The worker processes of this node. */
export interface WorkerPool {
  /** The worker, if it is up. */
  ready(workerId: string): ReadyWorker | undefined;
  /** Sees to it that the worker comes up; it then tells the scheduler. Doesn't wait. */
  ensure(workerId: string, scope: Scope): void;
  /** The run that a worker of its own was made for is over. */
  release(workerId: string): void;
}

/** The way to a worker's room. Called within the transaction that makes what is said true. */
export interface TaskChannel {
  dispatch(tx: Tx, workerId: string, tasks: readonly TaskDispatch[]): void;
  cancel(tx: Tx, workerId: string, message: { tasks: readonly AttemptRef[]; reason: string }): void;
}
