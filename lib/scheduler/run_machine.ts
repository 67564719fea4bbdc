/**
 * The life of one run, without I/O: {@linkcode transition} takes an event and says what changed.
 * The caller owns the machine, keeps what changed and drops the machine when it could not be kept.
 * @module
 */
import type { DagSpec } from "../schema/dag_spec.ts";
import { isFinalTask, type RunState, type TaskState } from "../schema/states.ts";
import { backoffMs } from "./backoff.ts";
import { startRefusal } from "./start_refusal.ts";

/** After this many lost workers a task is taken for what kills them. */
export const MAX_LOSSES = 5;

/** One task of a run; `index` is its place in the spec. */
export interface TaskNode {
  status: TaskState;
  /** Number of the last attempt, 0 before the first. */
  attempt: number;
  /** Attempts that failed by themselves. */
  failures: number;
  /** Attempts whose worker went away. */
  losses: number;
  /** Lease of the attempt that runs. */
  lease: string | null;
  /** Dependencies that haven't ended. */
  waitingFor: number;
  error: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  retryAt: number | null;
  hasOutputs: boolean;
}

/** A run in memory. */
export interface RunMachine {
  readonly spec: DagSpec;
  /** For each task, the indexes of those that depend on it. */
  readonly dependants: readonly (readonly number[])[];
  status: RunState;
  readonly tasks: TaskNode[];
  /** Indexes in the order in which they became ready; entries that aren't ready any more are skipped. */
  readyQueue: number[];
  running: number;
  /** Running tasks that take one of the worker's slots: all but `noop`. */
  slots: number;
  completed: number;
  /** Tasks that haven't ended. */
  open: number;
  /** Index of the first task that failed. */
  firstFailure: number | null;
  error: string | null;
}

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
  /** A ready task may not start, and no later attempt may. */
  | { readonly type: "refuse"; readonly index: number; readonly reason: string }
  | { readonly type: "retry_due"; readonly index: number }
  /** What runs goes on; nothing new starts until `resume`. */
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | {
    readonly type: "stop";
    readonly status: "cancelled" | "failed";
    readonly reason: string;
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
  /** A running attempt has lost its lease: whoever runs it should stop. */
  | {
    readonly type: "revoke";
    readonly index: number;
    readonly lease: string;
    readonly attempt: number;
  };

/** A new run of a spec: everything pending, nothing started. */
export function createRunMachine(spec: DagSpec): RunMachine {
  const indexOf = new Map(spec.tasks.map((task, index) => [task.id, index]));
  const dependants: number[][] = spec.tasks.map(() => []);
  spec.tasks.forEach((task, index) => {
    for (const id of task.depends_on) dependants[indexOf.get(id) ?? -1]?.push(index);
  });
  return {
    spec,
    dependants,
    status: "queued",
    tasks: spec.tasks.map((task) => newTask(task.depends_on.length)),
    readyQueue: [],
    running: 0,
    slots: 0,
    completed: 0,
    open: spec.tasks.length,
    firstFailure: null,
    error: null,
  };
}

/** What the database keeps of a task, for {@linkcode restoreRunMachine}. */
export type StoredTask = Omit<TaskNode, "waitingFor">;

/** A run as it was, from what was kept of it. */
export function restoreRunMachine(
  spec: DagSpec,
  kept: { readonly status: RunState; readonly tasks: readonly StoredTask[] },
): RunMachine {
  const machine = createRunMachine(spec);
  machine.status = kept.status;
  kept.tasks.forEach((stored, index) => {
    const task = nodeAt(machine, index);
    Object.assign(task, stored);
    if (stored.status === "ready") machine.readyQueue.push(index);
    if (stored.status === "running") countRunning(machine, index, 1);
    if (stored.status === "completed") machine.completed++;
    if (stored.status !== "pending") task.waitingFor = 0;
    if (isFinalTask(stored.status)) machine.open--;
  });
  machine.tasks.forEach((task, index) => {
    if (!isFinalTask(task.status)) return;
    for (const next of machine.dependants[index] ?? []) {
      const waiting = nodeAt(machine, next);
      if (waiting.status === "pending") waiting.waitingFor--;
    }
  });
  machine.firstFailure = earliestFailure(kept.tasks);
  return machine;
}

function earliestFailure(tasks: readonly StoredTask[]): number | null {
  let first: number | null = null;
  tasks.forEach((task, index) => {
    if (task.status !== "failed") return;
    const earliest = first === null ? Infinity : tasks[first]?.finishedAt ?? Infinity;
    if ((task.finishedAt ?? Infinity) < earliest || first === null) first = index;
  });
  return first;
}

/**
 * Lets an event happen. An event that doesn't fit the state (an old lease, an ended run) changes
 * nothing and yields no effects.
 * @param now epoch milliseconds
 */
export function transition(machine: RunMachine, event: RunEvent, now: number): RunEffect[] {
  if (machine.status === "completed" || machine.status === "failed") return [];
  if (machine.status === "cancelled") return [];
  const step: Step = { machine, now, effects: [] };
  switch (event.type) {
    case "start":
      start(step);
      break;
    case "claim":
      claim(step, event.index, event.lease);
      break;
    case "refuse":
      refuse(step, event.index, event.reason);
      break;
    case "retry_due":
      if (nodeAt(machine, event.index).status === "retry_wait") makeReady(step, event.index);
      break;
    case "pause":
      if (machine.status === "running") setRun(step, "paused");
      break;
    case "resume":
      resume(step);
      break;
    case "stop":
      stop(step, event.status, event.reason);
      break;
    default:
      if (!holdsLease(machine, event.index, event.lease)) return [];
      endAttempt(step, event);
  }
  return step.effects;
}

/** The next task to start, or undefined when none is ready or `max_parallel` are running. */
export function nextReady(machine: RunMachine): number | undefined {
  if (machine.status !== "running" || machine.running >= machine.spec.max_parallel) {
    return undefined;
  }
  while (machine.readyQueue.length > 0) {
    const index = machine.readyQueue[0];
    if (index !== undefined && nodeAt(machine, index).status === "ready") return index;
    machine.readyQueue.shift();
  }
  return undefined;
}

/** Whether a task takes one of the worker's slots while it runs. */
export function takesSlot(machine: RunMachine, index: number): boolean {
  return specOf(machine, index).type !== "noop";
}

/** Whether this lease is the one under which the task runs. */
export function holdsLease(machine: RunMachine, index: number, lease: string): boolean {
  const task = machine.tasks[index];
  return task !== undefined && task.status === "running" && task.lease === lease;
}

/** The task at an index of the spec. */
export function nodeAt(machine: RunMachine, index: number): TaskNode {
  const task = machine.tasks[index];
  if (task === undefined) {
    throw new RangeError(`no task ${index} in a run of ${machine.tasks.length}`);
  }
  return task;
}

interface Step {
  readonly machine: RunMachine;
  readonly now: number;
  readonly effects: RunEffect[];
}

function newTask(waitingFor: number): TaskNode {
  return {
    status: "pending",
    attempt: 0,
    failures: 0,
    losses: 0,
    lease: null,
    waitingFor,
    error: null,
    startedAt: null,
    finishedAt: null,
    retryAt: null,
    hasOutputs: false,
  };
}

function specOf(machine: RunMachine, index: number): DagSpec["tasks"][number] {
  const task = machine.spec.tasks[index];
  if (task === undefined) throw new RangeError(`no task ${index} in the spec`);
  return task;
}

function start(step: Step): void {
  if (step.machine.status !== "queued") return;
  setRun(step, "running");
  step.machine.tasks.forEach((task, index) => {
    if (task.status !== "pending" || task.waitingFor > 0) return;
    if (!makeReady(step, index)) cascade(step, index);
  });
  finishWhenDone(step);
}

function resume(step: Step): void {
  if (step.machine.status !== "paused") return;
  setRun(step, "running");
  // Everything may have ended meanwhile; a paused run doesn't end by itself.
  finishWhenDone(step);
}

function claim(step: Step, index: number, lease: string): void {
  const task = nodeAt(step.machine, index);
  if (task.status !== "ready" || step.machine.status !== "running") return;
  leaveQueue(step.machine, index);
  task.attempt++;
  task.lease = lease;
  task.startedAt ??= step.now;
  task.error = null;
  setTask(step, index, "running");
}

function refuse(step: Step, index: number, reason: string): void {
  const task = nodeAt(step.machine, index);
  if (task.status !== "ready" || step.machine.status !== "running") return;
  leaveQueue(step.machine, index);
  task.error = reason;
  settle(step, index, "failed");
}

function leaveQueue(machine: RunMachine, index: number): void {
  const at = machine.readyQueue.indexOf(index);
  if (at >= 0) machine.readyQueue.splice(at, 1);
}

type EndEvent = Extract<RunEvent, { readonly type: "completed" | "failed" | "lost" }>;

function endAttempt(step: Step, event: EndEvent): void {
  const { index } = event;
  const task = nodeAt(step.machine, index);
  const spec = specOf(step.machine, index);
  switch (event.type) {
    case "completed":
      task.hasOutputs = event.hasOutputs;
      settle(step, index, "completed");
      break;
    case "failed":
      task.failures++;
      task.error = event.error;
      if (task.failures < spec.retry.max_attempts) {
        const wait = backoffMs(spec.retry, task.failures, { random: event.random });
        task.retryAt = step.now + wait;
        setTask(step, index, "retry_wait");
      } else settle(step, index, "failed");
      break;
    case "lost":
      task.losses++;
      task.error = event.reason;
      if (!spec.idempotent) {
        task.error = `${event.reason}; the task is not idempotent, so it was not run again`;
        settle(step, index, "failed");
      } else if (task.losses >= MAX_LOSSES) {
        task.error = `${event.reason}; that was the ${MAX_LOSSES}th worker lost with this task`;
        settle(step, index, "failed");
      } else makeReady(step, index);
  }
}

function settle(step: Step, index: number, state: TaskState): void {
  endTask(step, index, state);
  cascade(step, index);
  finishWhenDone(step);
}

/** Lets those that depend on an ended task go on, or ends them. Iterative: chains may be long. */
function cascade(step: Step, index: number): void {
  const { machine } = step;
  const ended = [index];
  for (let at = ended.pop(); at !== undefined; at = ended.pop()) {
    const { status } = nodeAt(machine, at);
    for (const next of machine.dependants[at] ?? []) {
      const task = nodeAt(machine, next);
      if (task.status !== "pending") continue;
      task.waitingFor--;
      if (status !== "completed") {
        task.error = `not started: "${specOf(machine, at).id}" ${status}`;
        endTask(step, next, "skipped");
        ended.push(next);
      } else if (task.waitingFor === 0 && !makeReady(step, next)) ended.push(next);
    }
  }
}

/** @returns false when the task may not start and has failed instead */
function makeReady(step: Step, index: number): boolean {
  const task = nodeAt(step.machine, index);
  task.retryAt = null;
  setTask(step, index, "ready");
  const refusal = startRefusal(specOf(step.machine, index));
  if (refusal !== undefined) {
    task.error = refusal;
    endTask(step, index, "failed");
    return false;
  }
  step.machine.readyQueue.push(index);
  return true;
}

function stop(step: Step, status: "cancelled" | "failed", reason: string): void {
  const { machine } = step;
  machine.tasks.forEach((task, index) => {
    if (isFinalTask(task.status)) return;
    if (task.status === "running" && task.lease !== null) {
      step.effects.push({ type: "revoke", index, lease: task.lease, attempt: task.attempt });
    }
    task.error = reason;
    task.retryAt = null;
    endTask(step, index, "cancelled");
  });
  machine.error = reason;
  setRun(step, status);
}

function finishWhenDone(step: Step): void {
  const { machine } = step;
  if (machine.open > 0 || machine.status !== "running") return;
  if (machine.firstFailure === null) return setRun(step, "completed");
  machine.error = causeOfFailure(machine, machine.firstFailure);
  setRun(step, "failed");
}

function causeOfFailure(machine: RunMachine, index: number): string {
  const task = nodeAt(machine, index);
  const tries = task.attempt > 1 ? ` after ${task.attempt} attempts` : "";
  const skipped = machine.tasks.filter((other) => other.status === "skipped").length;
  const rest = skipped === 0
    ? ""
    : `; ${skipped} ${skipped === 1 ? "task was" : "tasks were"} skipped`;
  return `task "${specOf(machine, index).id}" failed${tries}: ${
    task.error ?? "no reason given"
  }${rest}`;
}

function endTask(step: Step, index: number, state: TaskState): void {
  const { machine } = step;
  const task = nodeAt(machine, index);
  setTask(step, index, state);
  task.waitingFor = 0;
  task.finishedAt = step.now;
  machine.open--;
  if (state === "completed") machine.completed++;
  if (state === "failed") machine.firstFailure ??= index;
}

function setTask(step: Step, index: number, to: TaskState): void {
  const task = nodeAt(step.machine, index);
  const from = task.status;
  if (from === "running") countRunning(step.machine, index, -1);
  if (to === "running") countRunning(step.machine, index, 1);
  else task.lease = null;
  task.status = to;
  step.effects.push({ type: "task", index, from, to });
}

function countRunning(machine: RunMachine, index: number, change: 1 | -1): void {
  machine.running += change;
  if (takesSlot(machine, index)) machine.slots += change;
}

function setRun(step: Step, to: RunState): void {
  const from = step.machine.status;
  step.machine.status = to;
  step.effects.push({ type: "run", from, to });
}
