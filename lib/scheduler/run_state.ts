/**
 * What a run is made of while it goes on, and what can happen to it. Data only; what follows from an
 * event is in run_machine.ts.
 */
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import type { RollbackState, RunState, TaskState } from "../schema/states.ts";
import { type KnownTimes, startOrder } from "./start_order.ts";

/** One task of a run; `index` is its place in the spec. */
export interface TaskNode {
  status: TaskState;
  /** Number of the last attempt, 0 before the first. Rollbacks are attempts too. */
  attempt: number;
  /** Attempts that failed by themselves. */
  failures: number;
  /** Attempts whose worker went away. */
  losses: number;
  /** Lease of the attempt that runs. */
  lease: string | null;
  /** Dependencies that haven't ended. */
  waitingFor: number;
  /** Whether a decision has let it start; it is asked for once, not for each attempt. */
  cleared: boolean;
  /** How many tasks of this run had ended with it; null before, and for what another run did. */
  endedSeq: number | null;
  /** How its rollback stands; null where there is none. */
  rollback: RollbackState | null;
  error: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  retryAt: number | null;
  hasOutputs: boolean;
}

/** A run in memory. */
export interface RunMachine {
  readonly spec: DagSpec;
  /** Indexes of all tasks in the order in which they start, when several may. */
  readonly order: readonly number[];
  /** For each task, its place in `order`. */
  readonly place: readonly number[];
  /** For each task, the indexes of those that depend on it, in `order`. */
  readonly dependants: readonly (readonly number[])[];
  /** For each task, the indexes of those that it depends on, in `order`. */
  readonly dependencies: readonly (readonly number[])[];
  status: RunState;
  /** Whether a person has paused it. It is paused as well while stakeholders vote. */
  held: boolean;
  readonly tasks: TaskNode[];
  /** A heap of places of ready tasks; entries that aren't ready any more are skipped. */
  readonly ready: number[];
  /** Indexes of the tasks that are yet to be rolled back; the last one is next. */
  readonly rollbacks: number[];
  /** Attempts that run, rollbacks included. */
  running: number;
  /** Attempts that take one of the worker's slots: all but those of `noop`. */
  slots: number;
  completed: number;
  /** Tasks that haven't ended. */
  open: number;
  /** Tasks that wait for the votes of stakeholders. */
  votes: number;
  /** How many tasks have ended in this run. */
  ended: number;
  /** Index of the first task because of which the run fails. */
  firstFailure: number | null;
  /** Under `first_success`: index of the task whose completion decided the run. */
  winner: number | null;
  /** Why it fails or was ended; set once it is decided that it does. */
  error: string | null;
}

/** What became of a decision. `missed`: its time ran out while nobody could have answered. */
export type Verdict = "approved" | "rejected" | "expired" | "missed";

/** What can happen to a run. */
export type RunEvent =
  | { readonly type: "start" }
  | { readonly type: "claim"; readonly index: number; readonly lease: string }
  | {
    readonly type: "completed";
    readonly index: number;
    readonly lease: string;
    readonly hasOutputs: boolean;
  }
  | {
    readonly type: "failed";
    readonly index: number;
    readonly lease: string;
    readonly error: string;
    /** From 0 to 1, for the jitter. */
    readonly random: number;
  }
  | {
    readonly type: "lost";
    readonly index: number;
    readonly lease: string;
    readonly reason: string;
  }
  /** A ready task, or a rollback, may not start, and no later attempt may. */
  | { readonly type: "refuse"; readonly index: number; readonly reason: string }
  | { readonly type: "retry_due"; readonly index: number }
  /** The decision that a task waits for has been taken, or its time is over. */
  | {
    readonly type: "decided";
    readonly index: number;
    readonly verdict: Verdict;
    /** Who or what decided, as a part of a sentence: "rejected by ann: not today". */
    readonly reason: string;
  }
  | { readonly type: "cancel_task"; readonly index: number; readonly reason: string }
  /** What runs goes on; nothing new starts until `resume`. */
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | {
    readonly type: "stop";
    readonly status: "cancelled" | "failed";
    readonly reason: string;
    /** No worker will be there to roll anything back. */
    readonly workerGone?: boolean;
  };

/** What an event changed. */
export type RunEffect =
  | {
    readonly type: "task";
    readonly index: number;
    readonly from: TaskState;
    readonly to: TaskState;
  }
  | { readonly type: "run"; readonly from: RunState; readonly to: RunState }
  /** Whether a person holds the run has changed. */
  | { readonly type: "held"; readonly held: boolean }
  /** A decision is needed before the task may start. */
  | { readonly type: "ask"; readonly index: number }
  /** The run has failed, and what it did is being rolled back before it ends. */
  | { readonly type: "rolling_back"; readonly tasks: number }
  | {
    readonly type: "rollback";
    readonly index: number;
    readonly from: RollbackState | null;
    readonly to: RollbackState;
  }
  /** A running attempt has lost its lease: whoever runs it should stop. */
  | {
    readonly type: "revoke";
    readonly index: number;
    readonly lease: string;
    readonly attempt: number;
  };

/**
 * A new run of a spec: everything pending, nothing started.
 * @param known how long its tasks took before; for the order in which they start
 */
export function createRunMachine(spec: DagSpec, known?: KnownTimes): RunMachine {
  const indexOf = new Map(spec.tasks.map((task, index) => [task.id, index]));
  const order = startOrder(spec.tasks, known);
  const place: number[] = [];
  order.forEach((index, at) => place[index] = at);
  // Both in the order of starts, so that nothing depends on the order in the file.
  const dependencies = spec.tasks.map((task) =>
    task.depends_on.map((id) => {
      const index = indexOf.get(id);
      if (index === undefined) throw new RangeError(`"${task.id}" depends on no task "${id}"`);
      return index;
    }).sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0))
  );
  const dependants: number[][] = spec.tasks.map(() => []);
  for (const index of order) {
    for (const dependency of dependencies[index] ?? []) dependants[dependency]?.push(index);
  }
  return {
    spec,
    order,
    place,
    dependants,
    dependencies,
    status: "queued",
    held: false,
    tasks: dependencies.map((needed) => newTask(needed.length)),
    ready: [],
    rollbacks: [],
    running: 0,
    slots: 0,
    completed: 0,
    open: spec.tasks.length,
    votes: 0,
    ended: 0,
    firstFailure: null,
    winner: null,
    error: null,
  };
}

/** The task at an index of the spec. @throws {RangeError} where there is none */
export function nodeAt(machine: RunMachine, index: number): TaskNode {
  const task = machine.tasks[index];
  if (task === undefined) {
    throw new RangeError(`no task ${index} in a run of ${machine.tasks.length}`);
  }
  return task;
}

/** What the spec says of the task at an index. @throws {RangeError} where there is none */
export function specAt(machine: RunMachine, index: number): TaskSpec {
  const task = machine.spec.tasks[index];
  if (task === undefined) throw new RangeError(`no task ${index} in the spec`);
  return task;
}

/** Whether all tasks have ended and what they did is being rolled back. */
export function isRollingBack(machine: RunMachine): boolean {
  return machine.status === "running" && machine.open === 0;
}

/** Whether this lease is the one under which the task, or its rollback, runs. */
export function holdsLease(machine: RunMachine, index: number, lease: string): boolean {
  const task = machine.tasks[index];
  return task !== undefined && task.lease !== null && task.lease === lease;
}

/** Whether an attempt at a task takes one of the worker's slots. A rollback always does. */
export function takesSlot(machine: RunMachine, index: number): boolean {
  return specAt(machine, index).type !== "noop" || isRollingBack(machine);
}

/** A task that is to run from its beginning, but for what it waits for. */
export const FRESH: Omit<TaskNode, "waitingFor"> = {
  status: "pending",
  attempt: 0,
  failures: 0,
  losses: 0,
  lease: null,
  cleared: false,
  endedSeq: null,
  rollback: null,
  error: null,
  startedAt: null,
  finishedAt: null,
  retryAt: null,
  hasOutputs: false,
};

function newTask(waitingFor: number): TaskNode {
  return { ...FRESH, waitingFor };
}
