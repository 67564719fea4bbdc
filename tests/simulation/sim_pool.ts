/** The workers of a simulated node, as its supervisor sees them. */
import type { Tx } from "../../lib/db/database.ts";
import type { ReadyContent } from "../../lib/schema/room_events.ts";
import { roomId, type Scope } from "../../lib/schema/scope.ts";
import type { ReadyWorker, WorkerPool } from "../../lib/scheduler/worker_pool.ts";
import { createWorkerMachine, isUp } from "../../lib/worker/worker_machine.ts";
import { newRecord, type WorkerRecord } from "../../lib/worker/worker_store.ts";
import { SimKeeper } from "./sim_keeper.ts";
import type { SimNode } from "./sim_node.ts";
import type { SimWorker } from "./sim_worker.ts";
import type { World } from "./world.ts";

export class SimPool implements WorkerPool {
  readonly #world: World;
  readonly #node: SimNode;
  readonly #keepers = new Map<string, SimKeeper>();

  constructor(world: World, node: SimNode) {
    this.#world = world;
    this.#node = node;
  }

  /** Takes over the workers that an earlier life of the node left. */
  restore(): void {
    for (const record of this.#node.workers.list()) this.#keep(record).find();
  }

  ready(workerId: string): ReadyWorker | undefined {
    const worker = this.#keepers.get(workerId)?.worker;
    if (worker === undefined || !worker.connected || worker.status !== "running") return undefined;
    return { instance: worker.instance, slots: this.#world.plan.slots };
  }

  ensure(workerId: string, scope: Scope): void {
    const keeper = this.#keepers.get(workerId) ?? this.#keep(newRecord({
      workerId,
      scope,
      nodeId: this.#node.id,
      roomId: roomId(workerId, this.#node.id),
    }));
    keeper.happen({ type: "needed" });
  }

  release(workerId: string): void {
    const reason = "the run that it was for is over";
    this.#keepers.get(workerId)?.happen({ type: "stop", then: "forget", reason });
  }

  /** Nothing waits for the worker now. */
  idle(workerId: string): void {
    this.#keepers.get(workerId)?.happen({ type: "idle" });
  }

  /** Whether a process is the one that was given its place. */
  authenticate({ id, instance }: SimWorker): boolean {
    const worker = this.#keepers.get(id)?.worker;
    return worker !== undefined && isUp(worker) && worker.instance === instance;
  }

  /** A worker has said that it is ready. Within the transaction of that event. */
  workerReady(tx: Tx, from: SimWorker, ready: ReadyContent): void {
    const keeper = this.#livingAs(from);
    if (keeper === undefined) return;
    keeper.readyWithin(tx);
    const { status, connected } = keeper.worker;
    if (status !== "running" || !connected) return;
    this.#node.rescuer.workerReady(tx, from.id, ready);
    tx.afterCommit(() => this.#node.executor.hasWork(from.id) || this.idle(from.id));
  }

  /** A worker says that it is ending. */
  workerLeaving(from: SimWorker): void {
    this.#livingAs(from)?.happen({ type: "leaving", reason: "it ends by itself", graceMs: 1_000 });
  }

  /** A worker's connection is gone. */
  away(from: SimWorker): void {
    this.#livingAs(from)?.happen({ type: "away" });
  }

  /** A worker's process has ended. */
  ended(from: SimWorker, reason: string): void {
    this.#livingAs(from)?.ended(reason);
  }

  #keep(record: WorkerRecord): SimKeeper {
    const keeper = new SimKeeper({ ...createWorkerMachine(), ...record, activeTasks: 0 }, {
      world: this.#world,
      node: this.#node,
      onForgotten: () => this.#keepers.delete(record.workerId),
    });
    this.#keepers.set(record.workerId, keeper);
    return keeper;
  }

  /** Who sent something, unless that was an earlier life of the worker. */
  #livingAs({ id, instance }: SimWorker): SimKeeper | undefined {
    const keeper = this.#keepers.get(id);
    return keeper?.worker.instance === instance ? keeper : undefined;
  }
}
