/**
 * Keeps one simulated worker as `WorkerKeeper` keeps a real one: the same machine and rows, with
 * virtual processes and time.
 */
import type { Tx } from "../../lib/db/database.ts";
import { Timers } from "../../lib/worker/timers.ts";
import type { TimerName, WorkerEffect, WorkerEvent } from "../../lib/worker/worker_events.ts";
import type { Worker } from "../../lib/worker/worker_keeper.ts";
import { isUp, transition } from "../../lib/worker/worker_machine.ts";
import type { SimNode } from "./sim_node.ts";
import type { SimWorker } from "./sim_worker.ts";
import type { World } from "./world.ts";

/** How long until what could not be written is tried again. */
const AGAIN_MS = 250;

/** What a keeper works with. */
export interface SimKeeperParts {
  readonly world: World;
  readonly node: SimNode;
  /** It is gone for good. */
  readonly onForgotten: () => void;
}

export class SimKeeper {
  readonly worker: Worker;
  readonly #parts: SimKeeperParts;
  readonly #timers: Timers<TimerName>;
  #unwritten: ((tx: Tx) => void)[] = [];

  constructor(worker: Worker, parts: SimKeeperParts) {
    this.worker = worker;
    this.#parts = parts;
    const { time } = parts.world;
    this.#timers = new Timers({
      now: () => time.elapsed,
      after: (ms, fire) => time.after(ms, () => parts.node.isDead || fire()),
    });
  }

  happen(event: WorkerEvent): void {
    this.#perform(this.#transition(event));
  }

  /** Takes up what an earlier life of the node left. */
  find(): void {
    this.happen({ type: "found", alive: isUp(this.worker) && this.#process() !== undefined });
  }

  /** It has said that it is ready: within the transaction of that event. */
  readyWithin(tx: Tx): void {
    const before = { ...this.worker };
    tx.onRollback(() => Object.assign(this.worker, before));
    this.#writeWithin(tx);
    const effects = this.#transition({ type: "ready" });
    for (const effect of effects) this.#entry(effect)?.(tx);
    tx.afterCommit(() => this.#perform(effects.filter(({ type }) => type !== "state")));
  }

  /** Its process has ended. */
  ended(reason: string): void {
    this.happen({ type: "ended", reason });
  }

  #transition(event: WorkerEvent): WorkerEffect[] {
    const { world, node } = this.#parts;
    return transition(this.worker, event, {
      now: world.time.now(),
      settings: world.workerSettings,
      needed: node.executor.hasWork(this.worker.workerId),
      random: world.chance.real(),
    });
  }

  #perform(effects: readonly WorkerEffect[]): void {
    let hasEntries = false;
    for (const effect of effects) {
      const entry = this.#entry(effect);
      if (entry !== undefined) this.#unwritten.push(entry);
      hasEntries ||= entry !== undefined;
      this.#act(effect);
    }
    if (!hasEntries) this.#follow(effects);
    else void this.#flush().then(() => this.#follow(effects));
  }

  #act(effect: WorkerEffect): void {
    const { workerId } = this.worker;
    if (effect.type === "launch") {
      this.worker.instance = this.#parts.world.launch(workerId).instance;
    } else if (effect.type === "clear") {
      for (const name of effect.names) this.#timers.clear(name);
    } else if (effect.type === "timer" && effect.name !== "hung") {
      // No simulated worker hangs: it says nothing but what has a reason.
      this.#timers.set(
        effect.name,
        effect.ms,
        () => this.happen({ type: "due", timer: effect.name }),
      );
    } else if (effect.type === "signal") {
      const process = this.#process();
      if (process === undefined) queueMicrotask(() => this.ended("it had no process"));
      else if (effect.signal === "SIGKILL") process.die("its node killed it");
      else process.leave();
    }
  }

  /** What an effect writes. */
  #entry(effect: WorkerEffect): ((tx: Tx) => void) | undefined {
    const { node } = this.#parts;
    const { workerId } = this.worker;
    switch (effect.type) {
      case "state": {
        const record = { ...this.worker, status: effect.to };
        return () => node.workers.save(record);
      }
      case "lost":
        return (tx) => node.rescuer.workerLost(tx, workerId, effect.reason);
      case "given_up":
        return (tx) => node.executor.giveUp(tx, workerId, effect.reason);
      case "forget":
        return () => node.workers.delete(workerId);
      default:
        return undefined;
    }
  }

  /** What follows once that is written down. */
  #follow(effects: readonly WorkerEffect[]): void {
    const { instance, workerId } = this.worker;
    for (const effect of effects) {
      if (effect.type === "want") {
        this.happen({ type: "start", managedBy: "node", reason: effect.reason });
      }
      if (effect.type === "forget") this.#parts.onForgotten();
    }
    if (!effects.some(({ type }) => type === "lost" || type === "forget")) return;
    this.#parts.world.network.drop(workerId, instance);
  }

  #writeWithin(tx: Tx): void {
    const entries = this.#unwritten;
    if (entries.length === 0) return;
    this.#unwritten = [];
    tx.onRollback(() => (this.#unwritten = [...entries, ...this.#unwritten]));
    for (const entry of entries) entry(tx);
  }

  async #flush(): Promise<void> {
    const { world, node } = this.#parts;
    try {
      await node.db.write((tx) => this.#writeWithin(tx));
    } catch {
      // As on a full disk.
      world.time.after(AGAIN_MS, () => node.isDead || void this.#flush());
    }
  }

  #process(): SimWorker | undefined {
    return this.#parts.world.processes.get(this.worker.instance);
  }
}
