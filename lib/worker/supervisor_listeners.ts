/** Whom a supervisor asks and tells, and who tells it. */
import type { Tx } from "../db/database.ts";
import type { ReadyContent } from "../schema/room_events.ts";
import type { WorkerRecord } from "./worker_store.ts";

/** What is told is told within the transaction of the change, where it takes one. */
export interface SupervisorListeners {
  onReady(tx: Tx, workerId: string, ready: ReadyContent): void;
  onLost(tx: Tx, workerId: string, reason: string): void;
  /** It is not started again by itself. */
  onGivenUp(tx: Tx, workerId: string, reason: string): void;
  /** Every change of a worker's state. */
  onChange(tx: Tx, worker: Readonly<WorkerRecord>): void;
  /** A life of it is over, and what was to be written of it is: nothing it sends means anything. */
  onGone(workerId: string, instance: string): void;
  /** Whether runs wait for the worker or run on it. */
  hasWork(workerId: string): boolean;
  /** How many tasks are handed to the worker and haven't ended. */
  running(workerId: string): number;
  /** A line that a worker process wrote to stderr. */
  onOutput(workerId: string, line: string): void;
}

/** One life of a worker, as its connection tells it. */
export interface Sender {
  readonly workerId: string;
  readonly instance: string;
}
