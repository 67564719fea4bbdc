/**
 * The words in which a worker's life is told: what it is, what may happen to it, and what is then to
 * be done.
 * @module
 */
import type { WorkerState } from "../schema/states.ts";

/** What a worker is to its supervisor. Times in epoch milliseconds. */
export interface WorkerMachine {
  status: WorkerState;
  /** Who started the process. */
  managedBy: "node" | "cli";
  /** It has said on its present connection that it is ready. */
  connected: boolean;
  /** When it first was ready in this life. */
  startedAt: number | null;
  /** Starts after a crash. */
  restarts: number;
  crashesInRow: number;
  /** When it is started again, while it waits for that after a crash. */
  restartAt: number | null;
  /** Why it crashed or failed. */
  error: string | null;
  /** Why its process is being killed. */
  doom: string | null;
  /** Why it is to end, while it is told to. */
  stopReason: string;
  /** What happens when it has ended as it was told. */
  afterStop: "nothing" | "start" | "forget";
  /** Why it has to be replaced as soon as nothing runs on it. */
  outdated: string | null;
  /** Since when nothing has waited for it. */
  idleSince: number | null;
}

export type TimerName = "ready" | "back" | "hung" | "restart" | "kill" | "idle";

/** What may happen to a worker. */
export type WorkerEvent =
  /** It gets its place: a process is started, by the node or in a terminal. */
  | { readonly type: "start"; readonly managedBy: "node" | "cli"; readonly reason: string }
  | { readonly type: "ready" }
  /** Its connection is gone. */
  | { readonly type: "away" }
  /** Nothing can come from it: it has its time to be ready, or to come back, anew. */
  | { readonly type: "cut_off" }
  /** An earlier life of the node left it. `alive`: its process is there. */
  | { readonly type: "found"; readonly alive: boolean }
  | {
    readonly type: "ended";
    readonly reason: string;
    readonly lastLines?: readonly string[];
  }
  | {
    readonly type: "stop";
    readonly reason: string;
    readonly then: WorkerMachine["afterStop"];
  }
  | { readonly type: "restart"; readonly reason: string }
  /** It ends by itself, since somebody signalled it. */
  | { readonly type: "leaving"; readonly reason: string; readonly graceMs: number }
  | { readonly type: "kill"; readonly reason: string }
  /** A run wants it. */
  | { readonly type: "needed" }
  /** No run wants it any more. */
  | { readonly type: "idle" }
  /** Its command is not what it was started with. */
  | { readonly type: "outdated"; readonly reason: string }
  /** Nothing runs on it. */
  | { readonly type: "settled" }
  | { readonly type: "due"; readonly timer: TimerName };

/** What is to be done. */
export type WorkerEffect =
  /** The state has changed: to be written and told. */
  | {
    readonly type: "state";
    readonly to: WorkerState;
    readonly reason: string;
    readonly lastLines: readonly string[];
  }
  /** It wants to start as soon as there is a place. */
  | { readonly type: "want"; readonly reason: string }
  /** Start a process. */
  | { readonly type: "launch" }
  | { readonly type: "signal"; readonly signal: "SIGTERM" | "SIGKILL" }
  /** What it held is lost. */
  | { readonly type: "lost"; readonly reason: string }
  /** It is not started again by itself. */
  | { readonly type: "given_up"; readonly reason: string }
  | { readonly type: "forget" }
  | { readonly type: "timer"; readonly name: TimerName; readonly ms: number }
  | { readonly type: "clear"; readonly names: readonly TimerName[] };

/** Times and limits, in milliseconds. */
export interface MachineSettings {
  readonly readyTimeoutMs: number;
  readonly reconnectGraceMs: number;
  /** How long a connected worker may be silent. */
  readonly hungAfterMs: number;
  readonly idleExitMs: number;
  readonly stopGraceMs: number;
  /** Crashes in a row that are followed by another start. */
  readonly restartLimit: number;
}

/** What else a transition has to know. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly settings: MachineSettings;
  /** Whether runs wait for the worker or run on it. */
  readonly needed: boolean;
  /** From 0 to 1. */
  readonly random: number;
}
