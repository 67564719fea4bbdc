/** A worker of tests, to which things happen without any process, and what is then to be done. */
import type { WorkerState } from "../../lib/schema/states.ts";
import type {
  MachineSettings,
  TimerName,
  WorkerEffect,
  WorkerEvent,
  WorkerMachine,
} from "../../lib/worker/worker_events.ts";
import { createWorkerMachine, transition } from "../../lib/worker/worker_machine.ts";

export const SETTINGS: MachineSettings = {
  readyTimeoutMs: 100,
  reconnectGraceMs: 200,
  hungAfterMs: 300,
  idleExitMs: 400,
  stopGraceMs: 500,
  restartLimit: 2,
};

export const START = { type: "start", managedBy: "node", reason: "a run wants it" } as const;
export const READY = { type: "ready" } as const;

/** A worker to which things happen at times that a test says. */
export class Life {
  readonly machine: WorkerMachine = createWorkerMachine();
  now = 1_000_000;
  needed = true;

  happen(...events: readonly WorkerEvent[]): WorkerEffect[] {
    return events.flatMap((event) =>
      transition(this.machine, event, {
        now: this.now,
        settings: SETTINGS,
        needed: this.needed,
        random: 0.5,
      })
    );
  }

  /** A process that runs, and then ends by itself. */
  crash(livedMs = 0): WorkerEffect[] {
    this.happen(START, READY);
    this.now += livedMs;
    return this.happen({ type: "ended", reason: "it broke" });
  }
}

export function states(effects: readonly WorkerEffect[]): WorkerState[] {
  return effects.flatMap((effect) => effect.type === "state" ? [effect.to] : []);
}

export function timer(effects: readonly WorkerEffect[], name: TimerName): number | undefined {
  const found = effects.find((effect) => effect.type === "timer" && effect.name === name);
  return found?.type === "timer" ? found.ms : undefined;
}

export function has(effects: readonly WorkerEffect[], type: WorkerEffect["type"]): boolean {
  return effects.some((effect) => effect.type === type);
}
