/** A run machine with a short way to say what happens to it. */
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import {
  createRunMachine,
  nextReady,
  nodeAt,
  type RunEffect,
  type RunEvent,
  type RunMachine,
  transition,
  type Verdict,
} from "../../lib/scheduler/run_machine.ts";

export class RunDriver {
  readonly machine: RunMachine;
  readonly spec: DagSpec;
  now = 1000;
  #leases = 0;

  constructor(spec: DagSpec, machine: RunMachine = createRunMachine(spec)) {
    this.spec = spec;
    this.machine = machine;
  }

  index(id: string): number {
    return this.spec.tasks.findIndex((task) => task.id === id);
  }

  happen(event: RunEvent): RunEffect[] {
    this.now++;
    return transition(this.machine, event, this.now);
  }

  start(): RunEffect[] {
    return this.happen({ type: "start" });
  }

  /** Claims the next ready task. @returns its id */
  claim(): string | undefined {
    const index = nextReady(this.machine);
    if (index === undefined) return undefined;
    this.happen({ type: "claim", index, lease: `lease-${++this.#leases}` });
    return this.spec.tasks[index]?.id;
  }

  claimAll(): string[] {
    const claimed: string[] = [];
    for (let id = this.claim(); id !== undefined; id = this.claim()) claimed.push(id);
    return claimed;
  }

  lease(id: string): string {
    return nodeAt(this.machine, this.index(id)).lease ?? "none";
  }

  complete(id: string): RunEffect[] {
    return this.happen({
      type: "completed",
      index: this.index(id),
      lease: this.lease(id),
      hasOutputs: false,
    });
  }

  fail(id: string, error = "boom"): RunEffect[] {
    const index = this.index(id);
    return this.happen({ type: "failed", index, lease: this.lease(id), error, random: 0.5 });
  }

  lose(id: string): RunEffect[] {
    const index = this.index(id);
    return this.happen({ type: "lost", index, lease: this.lease(id), reason: "gone" });
  }

  states(): Record<string, string> {
    return Object.fromEntries(
      this.spec.tasks.map((task, index) => [task.id, nodeAt(this.machine, index).status]),
    );
  }

  /** What became of the decision that a task waits for. */
  decide(id: string, verdict: Verdict, reason = `${verdict} by ann`): RunEffect[] {
    return this.happen({ type: "decided", index: this.index(id), verdict, reason });
  }

  cancel(id: string): RunEffect[] {
    const index = this.index(id);
    return this.happen({ type: "cancel_task", index, reason: "cancelled by ann" });
  }

  /** How the rollback of each task stands. */
  rollbacks(): Record<string, string | null> {
    return Object.fromEntries(
      this.spec.tasks.map((task, index) => [task.id, nodeAt(this.machine, index).rollback]),
    );
  }

  /** Claims and completes whatever may start, until nothing does. */
  completeAll(): void {
    for (let ids = this.claimAll(); ids.length > 0; ids = this.claimAll()) {
      for (const id of ids) this.complete(id);
    }
  }
}
