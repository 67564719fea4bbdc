/**
 * The life of one worker, without I/O: {@linkcode transition} takes an event and says what is to be
 * done about it, in order. The caller owns the machine and does what it is told.
 * @module
 */
import type { WorkerState } from "../schema/states.ts";
import { crashesInRow, LONGEST_WAIT_MS, restartWait } from "./restart_policy.ts";
import type {
  Surroundings,
  TimerName,
  WorkerEffect,
  WorkerEvent,
  WorkerMachine,
} from "./worker_events.ts";
import { isUp } from "./worker_state.ts";

/** What a worker needs on top of the time it asked for when it ends by itself. */
const LEAVING_MS = 5_000;
const ALL_TIMERS: readonly TimerName[] = ["ready", "back", "hung", "restart", "kill", "idle"];

/** Lets an event happen. One that doesn't fit the state changes nothing and yields no effects. */
export function transition(
  machine: WorkerMachine,
  event: WorkerEvent,
  around: Surroundings,
): WorkerEffect[] {
  const step: Step = { machine, around, effects: [] };
  switch (event.type) {
    case "start":
      start(step, event);
      break;
    case "ready":
      ready(step);
      break;
    case "away":
      away(step);
      break;
    case "cut_off":
      cutOff(step);
      break;
    case "found":
      found(step, event.alive);
      break;
    case "ended":
      ended(step, event);
      break;
    case "stop":
      stop(step, event);
      break;
    case "restart":
      restart(step, event.reason);
      break;
    case "leaving":
      leaving(step, event);
      break;
    case "kill":
      kill(step, event.reason);
      break;
    case "needed":
      needed(step);
      break;
    case "idle":
      idle(step);
      break;
    case "outdated":
      if (isUp(machine) && machine.status !== "stopping") machine.outdated = event.reason;
      break;
    case "settled":
      settled(step);
      break;
    case "due":
      due(step, event.timer);
  }
  return step.effects;
}

interface Step {
  readonly machine: WorkerMachine;
  readonly around: Surroundings;
  readonly effects: WorkerEffect[];
}

type EventOf<T extends WorkerEvent["type"]> = Extract<WorkerEvent, { readonly type: T }>;

function start(step: Step, { managedBy, reason }: EventOf<"start">): void {
  const { machine, around } = step;
  if (isUp(machine)) return;
  if (machine.restartAt !== null) machine.restarts++;
  Object.assign(machine, {
    managedBy,
    connected: false,
    startedAt: null,
    restartAt: null,
    error: null,
    doom: null,
    afterStop: "nothing",
    outdated: null,
    idleSince: null,
  });
  clear(step, ALL_TIMERS);
  if (managedBy === "node") step.effects.push({ type: "launch" });
  setState(step, "starting", reason);
  step.effects.push({ type: "timer", name: "ready", ms: around.settings.readyTimeoutMs });
}

function ready(step: Step): void {
  const { machine, around } = step;
  if (!isUp(machine) || machine.doom !== null) return;
  machine.connected = true;
  clear(step, ["ready", "back"]);
  if (machine.status === "stopping") return;
  step.effects.push({ type: "timer", name: "hung", ms: around.settings.hungAfterMs });
  if (machine.status === "running") return;
  machine.startedAt = around.now;
  setState(step, "running", "it is ready");
}

function away(step: Step): void {
  const { machine, around } = step;
  machine.connected = false;
  if (!isUp(machine)) return;
  clear(step, ["hung"]);
  if (machine.status === "stopping" || machine.doom !== null) return;
  step.effects.push({ type: "timer", name: "back", ms: around.settings.reconnectGraceMs });
}

function cutOff(step: Step): void {
  const { machine, around: { settings } } = step;
  if (!isUp(machine) || machine.connected || machine.doom !== null) return;
  if (machine.status === "starting") {
    step.effects.push({ type: "timer", name: "ready", ms: settings.readyTimeoutMs });
  } else if (machine.status === "running") {
    step.effects.push({ type: "timer", name: "back", ms: settings.reconnectGraceMs });
  }
}

function found(step: Step, alive: boolean): void {
  const { machine, around } = step;
  const { settings, now } = around;
  if (machine.status === "crashed" && machine.restartAt !== null) {
    // No longer than it may have been: the clock may have been set back meanwhile.
    const ms = Math.min(Math.max(0, machine.restartAt - now), LONGEST_WAIT_MS);
    step.effects.push({ type: "timer", name: "restart", ms });
  }
  if (!isUp(machine)) return;
  if (!alive) {
    // It may have ended in many ways while nobody looked; that is not held against it.
    return gone(step, { reason: "its process was gone when the node started", counts: false });
  }
  if (machine.status === "stopping") {
    machine.stopReason = "it was told to before the node was restarted";
    step.effects.push({ type: "timer", name: "kill", ms: settings.stopGraceMs });
  } else step.effects.push({ type: "timer", name: "back", ms: settings.reconnectGraceMs });
}

function ended(step: Step, { reason, lastLines }: EventOf<"ended">): void {
  if (isUp(step.machine)) gone(step, { reason, lastLines, counts: true });
}

interface Ending {
  readonly reason: string;
  readonly lastLines?: readonly string[];
  /** Whether it counts as a crash in a row. */
  readonly counts: boolean;
}

function gone(step: Step, { reason, lastLines = [], counts }: Ending): void {
  const { machine } = step;
  const wanted = machine.status === "stopping";
  const why = machine.doom ?? (wanted ? machine.stopReason : reason);
  const lived = machine.startedAt === null ? 0 : step.around.now - machine.startedAt;
  Object.assign(machine, { connected: false, doom: null, outdated: null, idleSince: null });
  clear(step, ALL_TIMERS);
  if (wanted) return stopped(step, why, lastLines);
  if (counts) machine.crashesInRow = crashesInRow(machine.crashesInRow, lived);
  machine.error = why;
  const givenUp = machine.crashesInRow > step.around.settings.restartLimit;
  const comesBack = !givenUp && step.around.needed;
  const wait = restartWait(Math.max(1, machine.crashesInRow), step.around.random);
  if (comesBack) machine.restartAt = step.around.now + wait;
  setState(step, "crashed", why, lastLines);
  step.effects.push({ type: "lost", reason: `its worker went away: ${why}` });
  if (comesBack) step.effects.push({ type: "timer", name: "restart", ms: wait });
  if (!givenUp) return;
  setState(step, "failed", `it crashed ${machine.crashesInRow} times in a row; at last: ${why}`);
  step.effects.push({ type: "given_up", reason: why });
}

function stopped(step: Step, why: string, lastLines: readonly string[]): void {
  const { machine } = step;
  machine.crashesInRow = 0;
  setState(step, "stopped", why, lastLines);
  step.effects.push({ type: "lost", reason: `its worker was ended: ${why}` });
  if (machine.afterStop === "forget") step.effects.push({ type: "forget" });
  else if (machine.afterStop === "start" || step.around.needed) {
    step.effects.push({ type: "want", reason: `it was ended and is wanted: ${why}` });
  }
}

function stop(step: Step, { reason, then }: EventOf<"stop">): void {
  const { machine, around } = step;
  if (!isUp(machine)) return stopDown(step, reason, then);
  // Its run is over, whatever else is asked of it.
  if (machine.afterStop !== "forget") machine.afterStop = then;
  if (machine.status === "stopping") return;
  machine.stopReason = reason;
  clear(step, ["ready", "back", "hung", "idle"]);
  setState(step, "stopping", reason);
  step.effects.push(
    { type: "timer", name: "kill", ms: around.settings.stopGraceMs },
    { type: "signal", signal: "SIGTERM" },
  );
}

/** Stops what has no process: it is not started again by itself. */
function stopDown(step: Step, reason: string, then: WorkerMachine["afterStop"]): void {
  const { machine } = step;
  clear(step, ["restart"]);
  machine.restartAt = null;
  if (machine.status !== "stopped") setState(step, "stopped", reason);
  if (then === "forget") step.effects.push({ type: "forget" });
}

function restart(step: Step, reason: string): void {
  const { machine } = step;
  machine.crashesInRow = 0;
  if (isUp(machine)) return stop(step, { type: "stop", reason, then: "start" });
  clear(step, ["restart"]);
  machine.restartAt = null;
  step.effects.push({ type: "want", reason });
}

function leaving(step: Step, { reason, graceMs }: EventOf<"leaving">): void {
  const { machine, around } = step;
  if (machine.status !== "starting" && machine.status !== "running") return;
  machine.stopReason = reason;
  clear(step, ["ready", "back", "hung", "idle"]);
  setState(step, "stopping", reason);
  const ms = Math.max(around.settings.stopGraceMs, graceMs + LEAVING_MS);
  step.effects.push({ type: "timer", name: "kill", ms });
}

function kill(step: Step, reason: string): void {
  const { machine } = step;
  if (!isUp(machine) || machine.doom !== null) return;
  machine.doom = reason;
  machine.connected = false;
  clear(step, ["ready", "back", "hung", "idle"]);
  step.effects.push({ type: "signal", signal: "SIGKILL" });
}

function needed(step: Step): void {
  const { machine } = step;
  machine.idleSince = null;
  clear(step, ["idle"]);
  if (machine.status === "stopping" && machine.afterStop === "nothing") {
    machine.afterStop = "start";
  }
  const waits = machine.status === "crashed" && (machine.restartAt ?? 0) > step.around.now;
  if (!isUp(machine) && !waits) step.effects.push({ type: "want", reason: "a run wants it" });
}

function idle(step: Step): void {
  const { machine, around } = step;
  if (machine.status !== "running") return;
  machine.idleSince ??= around.now;
  // One that somebody started in a terminal stays until they end it.
  if (machine.managedBy === "cli") return;
  step.effects.push({ type: "timer", name: "idle", ms: around.settings.idleExitMs });
}

function settled(step: Step): void {
  const { machine } = step;
  if (machine.outdated === null || machine.status !== "running" || machine.doom !== null) return;
  // The node can't start anything in somebody's terminal; a run that wants it gets the node's own.
  const then = machine.managedBy === "cli" ? "nothing" : "start";
  stop(step, { type: "stop", reason: machine.outdated, then });
}

function due(step: Step, timer: TimerName): void {
  const { machine, around } = step;
  const { settings } = around;
  switch (timer) {
    case "ready":
      return kill(step, `it did not become ready within ${settings.readyTimeoutMs} ms`);
    case "back":
      return kill(step, `it did not come back to its node within ${settings.reconnectGraceMs} ms`);
    case "hung":
      return kill(step, `it did not answer for ${settings.hungAfterMs} ms, so it was killed`);
    case "kill":
      if (machine.status !== "stopping") return;
      machine.stopReason += "; it was not done in time and was killed";
      step.effects.push({ type: "signal", signal: "SIGKILL" });
      return;
    case "idle":
      if (around.needed) return;
      return stop(step, { type: "stop", reason: "it had nothing to do", then: "nothing" });
    case "restart":
      if (machine.status !== "crashed") return;
      if (!around.needed) {
        // It waits no more: who needs it later starts it, whatever the clock shows then.
        machine.restartAt = null;
        return;
      }
      step.effects.push({ type: "want", reason: `again, after: ${machine.error ?? "a crash"}` });
  }
}

function setState(
  step: Step,
  to: WorkerState,
  reason: string,
  lastLines: readonly string[] = [],
): void {
  step.machine.status = to;
  // The wait for a restart belongs to the state; see the CHECK on `restart_at`.
  if (to !== "crashed") step.machine.restartAt = null;
  step.effects.push({ type: "state", to, reason, lastLines });
}

function clear(step: Step, names: readonly TimerName[]): void {
  step.effects.push({ type: "clear", names });
}

export { createWorkerMachine, isIdle, isUp } from "./worker_state.ts";
