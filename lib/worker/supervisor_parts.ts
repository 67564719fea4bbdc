/** What supervising workers takes. */
import type { Database } from "../db/database.ts";
import type { Scope } from "../schema/scope.ts";
import type { MachineSettings } from "./worker_events.ts";
import type { WorkerCommand, WorkerPlace } from "./worker_command.ts";
import type { WorkerHistory } from "./worker_history.ts";
import type { WorkerStore } from "./worker_store.ts";

/** Times and limits, in milliseconds. */
export interface SupervisorSettings extends MachineSettings {
  readonly nodeId: string;
  /** Absolute directory of the workers' temporary files. */
  readonly temp: string;
  /** How many tasks the worker of a scope runs at once. */
  readonly slots: (worker: { readonly workerId: string; readonly scope: Scope }) => number;
  /** Worker processes at once. */
  readonly maxWorkers: number;
}

/** Workers whose processes are not this machine's: they come by themselves, into their rooms. */
export interface WorkersElsewhere {
  /** The scope of such a worker; undefined for one of this machine. */
  scopeOf(workerId: string): Scope | undefined;
  /** Asks one to end. */
  shutdown(workerId: string, reason: string): void;
}

/** What the supervisor works with. */
export interface SupervisorParts {
  readonly db: Database;
  readonly store: WorkerStore;
  readonly history: WorkerHistory;
  readonly settings: SupervisorSettings;
  readonly command: (place: WorkerPlace) => WorkerCommand;
  /** Makes ready what the machine lends a worker that is about to start. */
  readonly prepare?: (place: { readonly workerId: string; readonly scope: Scope }) => void;
  /** Workers that are started on other machines; absent: there are none. */
  readonly elsewhere?: WorkersElsewhere;
  /** What keeps node and worker apart, as a homeserver that is away; undefined: nothing does. */
  readonly obstacle?: (workerId: string) => string | undefined;
  /** From 0 to 1, for the jitter of restarts. */
  readonly random: () => number;
  /** Told lines about what goes wrong. */
  readonly report: (line: string) => void;
}
