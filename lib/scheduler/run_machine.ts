/**
 * The life of one run, without I/O: {@linkcode transition} takes an event and says what changed.
 * The caller owns the machine, keeps what changed and drops the machine when it could not be kept.
 * This is the table of what can happen; what follows from each event is in the files beside it.
 * @module
 */
import { isFinalRun, isFinalTask } from "../schema/states.ts";
import { type AttemptEvent, endAttempt } from "./attempt_end.ts";
import { popHeap } from "./ready_heap.ts";
import {
  claimRollback,
  endRollback,
  nextRollback,
  refuseRollback,
  stopRollbacks,
} from "./rollback.ts";
import { letDependantsGoOn, startPending } from "./run_cascade.ts";
import { conclude, settlePause, stopRun } from "./run_end.ts";
import { causeOfFailure, causeOfStop } from "./run_failure.ts";
import {
  holdsLease,
  isRollingBack,
  nodeAt,
  type RunEffect,
  type RunEvent,
  type RunMachine,
  specAt,
} from "./run_state.ts";
import { endTask, revoke, setRun, setTask, type Step } from "./run_step.ts";
import { actOnVerdict, failUnstarted, makeReady } from "./task_start.ts";

/**
 * Lets an event happen. An event that doesn't fit the state (an old lease, an ended run) changes
 * nothing and yields no effects.
 * @param now epoch milliseconds
 */
export function transition(machine: RunMachine, event: RunEvent, now: number): RunEffect[] {
  if (isFinalRun(machine.status)) return [];
  const step: Step = { machine, now, effects: [] };
  act(step, event);
  if (isFinalRun(machine.status)) return step.effects;
  settlePause(step);
  if (step.effects.length > 0) conclude(step);
  return step.effects;
}

function act(step: Step, event: RunEvent): void {
  const { machine } = step;
  switch (event.type) {
    case "start":
      if (machine.status !== "queued") return;
      setRun(step, "running");
      return startPending(step);
    case "claim":
      return claim(step, event.index, event.lease);
    case "refuse":
      return refuse(step, event.index, event.reason);
    case "retry_due":
      if (nodeAt(machine, event.index).status === "retry_wait") makeReady(step, event.index);
      return;
    case "decided":
      return decided(step, event);
    case "cancel_task":
      return cancelTask(step, event.index, event.reason);
    case "pause":
      if (machine.status !== "queued" && !isRollingBack(machine)) hold(step, true);
      return;
    case "resume":
      return hold(step, false);
    case "stop":
      return stop(step, event);
    default:
      if (holdsLease(machine, event.index, event.lease)) attemptEnded(step, event);
  }
}

/**
 * The next attempt to start: at a task, or at rolling one back. Undefined when nothing may start or
 * `max_parallel` are running.
 */
export function nextReady(machine: RunMachine): number | undefined {
  if (machine.status !== "running" || machine.running >= machine.spec.max_parallel) {
    return undefined;
  }
  if (isRollingBack(machine)) return nextRollback(machine);
  while (machine.ready.length > 0) {
    const index = machine.order[machine.ready[0] ?? -1];
    if (index !== undefined && nodeAt(machine, index).status === "ready") return index;
    popHeap(machine.ready);
  }
  return undefined;
}

function claim(step: Step, index: number, lease: string): void {
  const { machine } = step;
  if (isRollingBack(machine)) return claimRollback(step, index, lease);
  const task = nodeAt(machine, index);
  if (task.status !== "ready" || machine.status !== "running") return;
  // Another entry than the first stays in the heap until it is the first, and is skipped then.
  if (machine.order[machine.ready[0] ?? -1] === index) popHeap(machine.ready);
  setTask(step, index, "running");
  task.attempt++;
  task.lease = lease;
  task.startedAt ??= step.now;
  task.error = null;
}

/** Whether it is paused as well follows from that and from who votes. */
function hold(step: Step, held: boolean): void {
  if (step.machine.held === held) return;
  step.machine.held = held;
  step.effects.push({ type: "held", held });
}

function refuse(step: Step, index: number, reason: string): void {
  const { machine } = step;
  if (isRollingBack(machine)) return refuseRollback(step, index, reason);
  if (nodeAt(machine, index).status !== "ready" || machine.status !== "running") return;
  failUnstarted(step, index, reason);
  letDependantsGoOn(step, index);
}

function attemptEnded(step: Step, event: AttemptEvent): void {
  if (isRollingBack(step.machine)) return endRollback(step, event);
  endAttempt(step, event);
  letDependantsGoOn(step, event.index);
}

function decided(step: Step, event: Extract<RunEvent, { readonly type: "decided" }>): void {
  const { machine } = step;
  if (nodeAt(machine, event.index).status !== "awaiting_decision") return;
  if (actOnVerdict(step, event.index, event)) {
    const isFirst = machine.firstFailure === event.index;
    const then = `task "${specAt(machine, event.index).id}" ended the run: ${event.reason}`;
    const error = isFirst ? causeOfFailure(machine) : causeOfStop(machine, then);
    return stopRun(step, { status: "failed", error });
  }
  letDependantsGoOn(step, event.index);
}

function cancelTask(step: Step, index: number, reason: string): void {
  const { machine } = step;
  const task = nodeAt(machine, index);
  if (machine.status === "queued" || isFinalTask(task.status)) return;
  revoke(step, index);
  task.error = reason;
  endTask(step, index, "cancelled");
  letDependantsGoOn(step, index);
}

function stop(step: Step, event: Extract<RunEvent, { readonly type: "stop" }>): void {
  const { machine } = step;
  const { status, reason, workerGone = false } = event;
  if (!isRollingBack(machine)) {
    const error = status === "failed" ? causeOfStop(machine, reason) : reason;
    return stopRun(step, { status, error, workerGone });
  }
  // It has failed already, and a rollback may take the time that it has; the deadline is over.
  if (status === "failed" && !workerGone) return;
  stopRollbacks(step);
  machine.error = `${machine.error ?? reason}; the rollback was ended: ${reason}`;
}

export { MAX_LOSSES } from "./attempt_end.ts";
export { restoreRunMachine, type StoredRun, type StoredTask } from "./restore_run.ts";
export {
  createRunMachine,
  holdsLease,
  isRollingBack,
  nodeAt,
  type RunEffect,
  type RunEvent,
  type RunMachine,
  specAt,
  takesSlot,
  type TaskNode,
  type Verdict,
} from "./run_state.ts";
