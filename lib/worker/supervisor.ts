/**
 * Keeps the workers that are needed alive: one process per worker id, started when a run needs it,
 * started again after a crash with a growing wait, given up after too many crashes in a row, killed
 * when it doesn't answer, ended when there has been nothing to do for long. Workers of an earlier
 * life of this node are taken over when they come back.
 *
 * What becomes of a worker is decided in worker_machine.ts, done by worker_keeper.ts; how many there
 * may be is the business of places.ts.
 */
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { hashSecret } from "../auth/secret.ts";
import type { HeartbeatContent, ReadyContent, ShutdownContent } from "../schema/room_events.ts";
import { roomId, type Scope, workerId as workerIdOf } from "../schema/scope.ts";
import { Places } from "./places.ts";
import type { SupervisorParts } from "./supervisor_parts.ts";
import type { Sender, SupervisorListeners } from "./supervisor_listeners.ts";
import type { WorkerCommand } from "./worker_command.ts";
import { type Worker, WorkerKeeper } from "./worker_keeper.ts";
import { createWorkerMachine, isUp } from "./worker_machine.ts";
import { whyNotThere, type WorkerSnapshot } from "./worker_snapshot.ts";
import { newRecord, type WorkerRecord } from "./worker_store.ts";

const POLICY_CHANGED = "its policy has changed";

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #keepers = new Map<string, WorkerKeeper>();
  readonly #workers = new Map<string, Worker>();
  readonly #places: Places;
  #listeners: SupervisorListeners | undefined;
  #stopping = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#places = new Places(parts.settings.maxWorkers, this.#workers);
  }

  connect(listeners: SupervisorListeners): void {
    this.#listeners = listeners;
  }

  /** The workers that an earlier life of this node left. */
  known(): readonly Pick<WorkerRecord, "workerId" | "scope">[] {
    return this.#parts.store.list();
  }

  /** Takes over the workers that an earlier life of this node left. Before anything is sent. */
  restore(): void {
    for (const record of this.#parts.store.list()) {
      const keeper = this.#keep(record);
      keeper.find();
      if (isUp(keeper.worker) && keeper.differs()) {
        keeper.happen({ type: "outdated", reason: POLICY_CHANGED });
      }
    }
  }

  /** See WorkerPool. */
  ready(workerId: string): { instance: string; slots: number } | undefined {
    const worker = this.#workers.get(workerId);
    if (worker === undefined || !worker.connected || worker.status !== "running") return undefined;
    // What it has may end on it; what is new waits for the process that takes its place.
    if (worker.outdated !== null) return undefined;
    return { instance: worker.instance, slots: this.#parts.settings.slots(worker) };
  }

  /** See WorkerPool. */
  ensure(workerId: string, scope: Scope): void {
    if (this.#stopping) return;
    const keeper = this.#keepers.get(workerId) ?? this.#keep(this.#newRecord(workerId, scope));
    keeper.happen({ type: "needed" });
  }

  /** See WorkerPool. */
  release(workerId: string): void {
    this.#places.leave(workerId);
    this.#keepers.get(workerId)?.happen({
      type: "stop",
      then: "forget",
      reason: "the run that it was for is over",
    });
  }

  /** Nothing waits for the worker now: it ends after a while unless something comes. */
  idle(workerId: string): void {
    this.#places.leave(workerId);
    this.#keepers.get(workerId)?.happen({ type: "idle" });
    this.#makeRoom();
  }

  /**
   * Gives a place to a worker that somebody starts in a terminal.
   * @throws {CisError} `worker_exists` when it is running already, `worker_limit` without a place
   */
  admit(request: { scope: Scope; workerId?: string }): WorkerCommand {
    const workerId = request.workerId ?? workerIdOf(request.scope);
    const known = this.#workers.get(workerId);
    if (known !== undefined && isUp(known)) {
      const process = known.pid === null ? "" : ` as process ${known.pid}`;
      const what = `the worker ${workerId} is ${known.status}${process}; stop it first`;
      throw new CisError("worker_exists", what);
    }
    if (this.#places.isFull) this.#requireRoom(workerId);
    this.#places.leave(workerId);
    const keeper = this.#keepers.get(workerId) ??
      this.#keep(this.#newRecord(workerId, request.scope));
    return keeper.admit();
  }

  /** Whether a process that says hello is the one that was given this place. */
  authenticate(workerId: string, secret: string):
    | { workerId: string; instance: string; roomId: string }
    | { code: string; message: string } {
    const worker = this.#workers.get(workerId);
    // One that was given up for lost has no place any more, even if it comes back after all.
    if (worker === undefined || !isUp(worker) || worker.secretHash !== hashSecret(secret)) {
      return { code: "unknown_worker", message: `this node expects no such worker "${workerId}"` };
    }
    return { workerId, instance: worker.instance, roomId: worker.roomId };
  }

  /** A worker has said that it is ready. Within the transaction of that event. */
  workerReady(tx: Tx, from: Sender, ready: ReadyContent): void {
    const keeper = this.#livingAs(from) ?? this.#receive(from);
    if (keeper === undefined) return;
    keeper.readyWithin(tx, ready);
    const { worker } = keeper;
    if (worker.status !== "running" || !worker.connected) return;
    this.#listeners?.onReady(tx, worker.workerId, ready);
    tx.afterCommit(() => {
      if (this.#listeners?.hasWork(worker.workerId) !== true) this.idle(worker.workerId);
      this.#settle(keeper);
    });
  }

  /** A sign of life with news. Within the transaction of that event. */
  heartbeat(tx: Tx, from: Sender, beat: HeartbeatContent): void {
    const keeper = this.#livingAs(from);
    keeper?.heartbeatWithin(tx, beat);
    if (keeper !== undefined) tx.afterCommit(() => this.#settle(keeper));
  }

  /** Any sign of life. */
  heard(from: Sender): void {
    this.#livingAs(from)?.heard();
  }

  /** Tasks of the worker have ended. */
  tasksEnded(workerId: string): void {
    const keeper = this.#keepers.get(workerId);
    if (keeper !== undefined) this.#settle(keeper);
  }

  /** A worker says that it is ending, as somebody has signalled it. */
  workerLeaving(from: Sender, { reason, grace_ms }: ShutdownContent): void {
    this.#livingAs(from)?.happen({
      type: "leaving",
      reason: `it ends by itself: ${reason.slice(0, 200)}`,
      graceMs: grace_ms,
    });
  }

  /** A worker's connection is gone; its process may still be there. */
  workerAway(from: Sender): void {
    this.#livingAs(from)?.away();
  }

  /** Nothing can come from a worker: its silence is not held against it. */
  workerCutOff(from: Sender): void {
    this.#livingAs(from)?.cutOff();
  }

  /** A worker sends what it must not send, and doesn't stop: it is killed and replaced. */
  workerMisbehaves(from: Sender, what: string): void {
    this.#livingAs(from)?.happen({ type: "kill", reason: `it misbehaved: ${what}` });
  }

  /** Ends a worker in good order. @throws {CisError} `worker_not_found` */
  stop(workerId: string): WorkerSnapshot {
    const keeper = this.#require(workerId);
    this.#places.leave(workerId);
    keeper.happen({ type: "stop", then: "nothing", reason: "somebody stopped it" });
    return this.#snapshot(keeper.worker);
  }

  /** Ends a worker and starts it again. @throws {CisError} `worker_not_found` */
  restart(workerId: string): WorkerSnapshot {
    const keeper = this.#require(workerId);
    keeper.happen({ type: "restart", reason: "somebody restarted it" });
    return this.#snapshot(keeper.worker);
  }

  /**
   * Has workers replaced that would be started differently now, each as soon as no task runs on it.
   * @param which ids, or which of them; all of them unless told otherwise
   * @returns the ids of those that will be replaced
   */
  refresh(
    which: readonly string[] | ((worker: WorkerSnapshot) => boolean) = () => true,
    reason: string = POLICY_CHANGED,
  ): string[] {
    const isMeant = typeof which === "function"
      ? (keeper: WorkerKeeper) => which(this.#snapshot(keeper.worker))
      : (keeper: WorkerKeeper) => which.includes(keeper.id);
    const outdated = [...this.#keepers.values()].filter((keeper) =>
      isUp(keeper.worker) && keeper.worker.status !== "stopping" && isMeant(keeper) &&
      keeper.differs()
    );
    for (const keeper of outdated) {
      keeper.happen({ type: "outdated", reason });
      this.#settle(keeper);
    }
    return outdated.map(({ id }) => id);
  }

  /** All workers that are known. */
  list(): WorkerSnapshot[] {
    return Array.from(this.#workers.values(), (worker) => this.#snapshot(worker));
  }

  /** One worker. @throws {CisError} `worker_not_found` */
  get(workerId: string): WorkerSnapshot {
    return this.#snapshot(this.#require(workerId).worker);
  }

  /** See {@linkcode WorkerSnapshot}; null for a worker that isn't known. */
  waitingFor(workerId: string): string | null {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return this.#parts.obstacle?.(workerId) ?? null;
    return this.#snapshot(worker).waitingFor;
  }

  /** Ends every worker that this node started and waits until they have ended. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    const mine = [...this.#keepers.values()].filter(({ worker }) =>
      worker.managedBy === "node" && isUp(worker)
    );
    await Promise.all(mine.map((keeper) => {
      keeper.happen({ type: "stop", then: "nothing", reason: "its node is ending" });
      return keeper.down();
    }));
    for (const keeper of this.#keepers.values()) keeper.release();
  }

  #newRecord(workerId: string, scope: Scope): WorkerRecord {
    const { nodeId } = this.#parts.settings;
    return newRecord({ workerId, scope, nodeId, roomId: roomId(workerId, nodeId) });
  }

  #keep(record: WorkerRecord): WorkerKeeper {
    const worker: Worker = { ...createWorkerMachine(), ...record, activeTasks: 0 };
    const keeper = new WorkerKeeper(worker, {
      ...this.#parts,
      listeners: () => this.#listeners,
      onWant: (_, reason) => {
        this.#places.queue(worker.workerId, reason);
        this.#makeRoom();
      },
      onDown: () => this.#makeRoom(),
      onForgotten: () => this.#forget(keeper),
      isTaken: (pid) =>
        pid === Deno.pid || [...this.#workers.values()].some((other) => other.pid === pid),
    });
    this.#keepers.set(worker.workerId, keeper);
    this.#workers.set(worker.workerId, worker);
    return keeper;
  }

  #forget(keeper: WorkerKeeper): void {
    keeper.release();
    this.#keepers.delete(keeper.id);
    this.#workers.delete(keeper.id);
  }

  #require(workerId: string): WorkerKeeper {
    const keeper = this.#keepers.get(workerId);
    if (keeper !== undefined) return keeper;
    const what = `there is no worker "${workerId}"; see the list of workers`;
    throw new CisError("worker_not_found", what);
  }

  /** Who sent something, unless that was an earlier life of the worker. */
  #livingAs({ workerId, instance }: Sender): WorkerKeeper | undefined {
    const keeper = this.#keepers.get(workerId);
    if (keeper?.worker.instance !== instance) return undefined;
    // One from another machine that was given up for lost comes in anew.
    const isOver = this.#parts.elsewhere?.scopeOf(workerId) !== undefined && !isUp(keeper.worker);
    return isOver ? undefined : keeper;
  }

  /** Gives a place to a worker that comes from another machine; an earlier life of it is over. */
  #receive({ workerId, instance }: Sender): WorkerKeeper | undefined {
    const scope = this.#parts.elsewhere?.scopeOf(workerId);
    if (scope === undefined || this.#stopping || instance === "") return undefined;
    const keeper = this.#keepers.get(workerId) ?? this.#keep(this.#newRecord(workerId, scope));
    keeper.receive(instance);
    return keeper;
  }

  /** Starts who is next in line, and has idle workers end for the others. */
  #makeRoom(): void {
    if (this.#stopping) return;
    for (let next = this.#places.next(); next !== undefined; next = this.#places.next()) {
      const { workerId, reason } = next;
      this.#keepers.get(workerId)?.happen({ type: "start", managedBy: "node", reason });
    }
    for (let out = this.#places.evictable(); out !== undefined; out = this.#places.evictable()) {
      this.#evict(out.workerId, out.inFavourOf);
    }
  }

  /** @throws {CisError} `worker_limit` when nobody can make room */
  #requireRoom(workerId: string): void {
    this.#places.queue(workerId, "");
    const out = this.#places.evictable();
    this.#places.leave(workerId);
    if (out !== undefined) return this.#evict(out.workerId, workerId);
    throw new CisError(
      "worker_limit",
      `${workerId} ${this.#places.explain()}, and none of them is idle; stop one, or raise max_workers`,
    );
  }

  #evict(workerId: string, inFavourOf: string): void {
    const reason = `it was idle, and ${inFavourOf} needs its place`;
    this.#keepers.get(workerId)?.happen({ type: "stop", then: "nothing", reason });
  }

  /** Replaces a worker that has to be, if nothing runs on it. */
  #settle(keeper: WorkerKeeper): void {
    if (keeper.worker.outdated === null || (this.#listeners?.running(keeper.id) ?? 0) > 0) return;
    keeper.happen({ type: "settled" });
  }

  #snapshot(worker: Worker): WorkerSnapshot {
    const { workerId } = worker;
    const why = this.#listeners?.hasWork(workerId) === true ? whyNotThere(worker) : null;
    const waitingFor = this.#places.isWaiting(workerId) ? this.#places.explain() : why;
    return { ...worker, waitingFor: this.#parts.obstacle?.(workerId) ?? waitingFor };
  }
}
