/**
 * Keeps the workers that are needed alive: one process per worker id, started when a run needs it,
 * started again after a crash with a growing wait, given up after too many crashes in a row, ended
 * when there has been nothing to do for long. Workers of an earlier life of this node are taken
 * over when they come back.
 */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { hashSecret, newSecret } from "../auth/secret.ts";
import type { HeartbeatContent, ReadyContent } from "../schema/room_events.ts";
import { roomId, type Scope, workerId as workerIdOf } from "../schema/scope.ts";
import { isAlive, processStart } from "./process_identity.ts";
import { crashesInRow, describeEnd, restartWait } from "./restart_policy.ts";
import { signalProcess, type SpawnedWorker, spawnWorkerProcess } from "./spawn.ts";
import { Timers } from "./timers.ts";
import type { WorkerCommand, WorkerPlace } from "./worker_command.ts";
import type { WorkerRecord, WorkerStore } from "./worker_store.ts";

/** Times and limits, in milliseconds. */
export interface SupervisorSettings {
  readonly nodeId: string;
  /** How many tasks the worker of a scope runs at once. */
  readonly slots: (worker: { readonly workerId: string; readonly scope: Scope }) => number;
  readonly readyTimeoutMs: number;
  readonly reconnectGraceMs: number;
  readonly idleExitMs: number;
  readonly stopGraceMs: number;
  readonly restartLimit: number;
}

/** What the supervisor tells others; each is called within the transaction of the change. */
export interface SupervisorListeners {
  onReady(tx: Tx, workerId: string, ready: ReadyContent): void;
  onLost(tx: Tx, workerId: string, reason: string): void;
  /** It is not started again by itself. */
  onGivenUp(tx: Tx, workerId: string, reason: string): void;
  /** Every change of a worker's state. */
  onChange(tx: Tx, worker: WorkerRecord): void;
  /** Whether runs wait for the worker or run on it. */
  hasWork(workerId: string): boolean;
  /** A line that a worker process wrote to stderr. */
  onOutput(workerId: string, line: string): void;
}

/** What the supervisor works with. */
export interface SupervisorParts {
  readonly db: Database;
  readonly store: WorkerStore;
  readonly settings: SupervisorSettings;
  readonly command: (place: WorkerPlace) => WorkerCommand;
  /** From 0 to 1, for the jitter of restarts. */
  readonly random: () => number;
  /** Told lines about what goes wrong. */
  readonly report: (line: string) => void;
}

/** A worker in memory. */
interface Worker extends WorkerRecord {
  process: SpawnedWorker | undefined;
  /** Whether it is connected and has said that it is ready. */
  connected: boolean;
  activeTasks: number;
  crashesInRow: number;
  /** What happens when it has ended, when somebody asked for it to end. */
  afterStop: "nothing" | "start" | "forget";
  /** Told when it has ended and that is written down. */
  whenEnded: () => void;
  timers: Timers<TimerName>;
}

type TimerName = "ready" | "back" | "restart" | "kill" | "idle";

/** A worker and what only memory knows of it. */
export type WorkerSnapshot = Readonly<WorkerRecord> & { readonly activeTasks: number };

/** Between the end of a connection and the end of its process. */
const LAST_BREATH_MS = 50;
/** How many of the last lines of stderr are looked at for the reason of a crash. */
const LAST_LINES = 5;

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #workers = new Map<string, Worker>();
  #listeners: SupervisorListeners | undefined;
  #stopping = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  connect(listeners: SupervisorListeners): void {
    this.#listeners = listeners;
  }

  /** Takes over the workers that an earlier life of this node left. Before anything is sent. */
  restore(): void {
    for (const record of this.#parts.store.list()) {
      const worker = this.#remember(record);
      if (["stopped", "failed"].includes(worker.status)) continue;
      if (isAlive(worker.pid, worker.pidStarted)) this.#expectBack(worker);
      else void this.#ended(worker, "its process was gone when the node started");
    }
  }

  /** See WorkerPool. */
  ready(workerId: string): { instance: string; slots: number } | undefined {
    const worker = this.#workers.get(workerId);
    if (worker === undefined || !worker.connected || worker.status !== "running") return undefined;
    return { instance: worker.instance, slots: this.#parts.settings.slots(worker) };
  }

  /** See WorkerPool. */
  ensure(workerId: string, scope: Scope): void {
    if (this.#stopping) return;
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) {
      worker.timers.clear("idle");
      if (worker.status === "stopping") worker.afterStop = "start";
      if (isUp(worker)) return;
      if (worker.status === "crashed" && worker.timers.has("restart")) return;
      return this.#spawn(worker);
    }
    this.#spawn(this.#remember(this.#newRecord(workerId, scope)));
  }

  /** See WorkerPool. */
  release(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return;
    worker.afterStop = "forget";
    this.#stop(worker);
  }

  /** Nothing waits for the worker now: it ends after a while unless something comes. */
  idle(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker === undefined || worker.status !== "running" || worker.managedBy === "cli") return;
    worker.timers.set("idle", this.#parts.settings.idleExitMs, () => {
      if (this.#listeners?.hasWork(workerId) !== true) this.#stop(worker);
    });
  }

  /**
   * Gives a place to a worker that somebody starts in a terminal.
   * @throws {CisError} `worker_exists` when it is running already
   */
  admit(request: { scope: Scope; workerId?: string }): WorkerCommand {
    const workerId = request.workerId ?? workerIdOf(request.scope);
    const known = this.#workers.get(workerId);
    if (known !== undefined && isUp(known)) {
      throw new CisError(
        "worker_exists",
        `the worker ${workerId} is ${known.status}` +
          (known.pid === null ? "" : ` as process ${known.pid}`) + "; stop it first",
      );
    }
    const worker = known ?? this.#remember(this.#newRecord(workerId, request.scope));
    worker.timers.clear("restart");
    return this.#prepare(worker, "cli").command;
  }

  /** Whether a process that says hello is the one that was given this place. */
  authenticate(workerId: string, secret: string):
    | { workerId: string; instance: string; roomId: string }
    | { code: string; message: string } {
    const worker = this.#workers.get(workerId);
    const expected = worker !== undefined && !["stopped", "failed"].includes(worker.status);
    if (!expected || worker.secretHash !== hashSecret(secret)) {
      return { code: "unknown_worker", message: `this node expects no such worker "${workerId}"` };
    }
    return { workerId, instance: worker.instance, roomId: worker.roomId };
  }

  /** A worker has said that it is ready. Within the transaction of that event. */
  workerReady(tx: Tx, from: { workerId: string; instance: string }, ready: ReadyContent): void {
    const worker = this.#workers.get(from.workerId);
    if (worker === undefined || worker.instance !== from.instance) return;
    const comesBack = worker.status === "running" && worker.startedAt !== null;
    worker.connected = true;
    worker.activeTasks = ready.active.length;
    worker.lastHeartbeat = tx.now;
    worker.timers.clear("ready");
    worker.timers.clear("back");
    if (worker.pid === null) {
      worker.pid = ready.pid;
      worker.pidStarted = processStart(ready.pid) ?? null;
    }
    tx.onRollback(() => (worker.connected = false));
    if (worker.status === "stopping") return tx.afterCommit(() => this.#stop(worker));
    if (!comesBack) {
      worker.status = "running";
      worker.startedAt = tx.now;
      worker.error = null;
      this.#keep(tx, worker);
    }
    this.#listeners?.onReady(tx, worker.workerId, ready);
    tx.afterCommit(() => {
      if (this.#listeners?.hasWork(worker.workerId) !== true) this.idle(worker.workerId);
    });
  }

  /** A sign of life. */
  heartbeat(tx: Tx, from: { workerId: string }, beat: HeartbeatContent): void {
    const worker = this.#workers.get(from.workerId);
    if (worker === undefined) return;
    worker.lastHeartbeat = tx.now;
    worker.rss = beat.rss;
    worker.activeTasks = beat.active_tasks;
    this.#parts.store.saveHeartbeat(worker);
  }

  /**
   * A worker says that it is ending, told by somebody else than this node: it gets nothing more, and
   * what waits for it goes to the process that takes its place. Within the transaction of that event.
   */
  workerEnds(tx: Tx, from: { workerId: string; instance: string }): void {
    const worker = this.#workers.get(from.workerId);
    if (worker?.instance !== from.instance || worker.status !== "running") return;
    worker.status = "stopping";
    tx.onRollback(() => (worker.status = "running"));
    this.#keep(tx, worker);
  }

  /** A worker's connection is gone; its process may still be there. */
  workerAway(from: { workerId: string; instance: string }): void {
    const worker = this.#workers.get(from.workerId);
    if (worker === undefined || worker.instance !== from.instance) return;
    worker.connected = false;
    if (worker.process !== undefined) return this.#expectBack(worker);
    // A process that is not this node's child is looked at again once it had time to be gone.
    worker.timers.set("back", LAST_BREATH_MS, () => {
      if (isAlive(worker.pid, worker.pidStarted)) this.#expectBack(worker);
      else void this.#ended(worker, "its process ended");
    });
  }

  /** Ends a worker in good order. @throws {CisError} `worker_not_found` */
  stop(workerId: string): WorkerSnapshot {
    const worker = this.#require(workerId);
    worker.afterStop = "nothing";
    this.#stop(worker);
    return worker;
  }

  /** Ends a worker and starts it again. @throws {CisError} `worker_not_found` */
  restart(workerId: string): WorkerSnapshot {
    const worker = this.#require(workerId);
    worker.crashesInRow = 0;
    if (isUp(worker)) {
      worker.afterStop = "start";
      this.#stop(worker);
    } else this.#spawn(worker);
    return worker;
  }

  /** All workers that are known. */
  list(): WorkerSnapshot[] {
    return [...this.#workers.values()];
  }

  /** One worker. @throws {CisError} `worker_not_found` */
  get(workerId: string): WorkerSnapshot {
    return this.#require(workerId);
  }

  /** Ends every worker that this node started and waits until they have ended. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    const ends: Promise<void>[] = [];
    for (const worker of this.#workers.values()) {
      worker.timers.clear("restart");
      worker.timers.clear("idle");
      if (worker.managedBy !== "node" || !isUp(worker)) continue;
      ends.push(new Promise((resolve) => worker.whenEnded = resolve));
      this.#stop(worker);
    }
    await Promise.all(ends);
    for (const worker of this.#workers.values()) {
      worker.timers.clearAll();
    }
  }

  #newRecord(workerId: string, scope: Scope): WorkerRecord {
    const { nodeId } = this.#parts.settings;
    return {
      workerId,
      scope,
      roomId: roomId(workerId, nodeId),
      nodeId,
      status: "starting",
      managedBy: "node",
      instance: "",
      secretHash: "",
      pid: null,
      pidStarted: null,
      flags: [],
      startedAt: null,
      lastHeartbeat: null,
      rss: null,
      restarts: 0,
      error: null,
    };
  }

  #remember(record: WorkerRecord): Worker {
    const worker: Worker = {
      ...record,
      process: undefined,
      connected: false,
      activeTasks: 0,
      crashesInRow: 0,
      afterStop: "nothing",
      whenEnded: () => {},
      timers: new Timers(),
    };
    this.#workers.set(worker.workerId, worker);
    return worker;
  }

  #require(workerId: string): Worker {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) return worker;
    throw new CisError(
      "worker_not_found",
      `there is no worker "${workerId}"; see the list of workers`,
    );
  }

  /** Makes a place for a new life of a worker: a new instance with a new secret. */
  #prepare(worker: Worker, managedBy: "node" | "cli"): { command: WorkerCommand } {
    const secret = newSecret();
    worker.instance = crypto.randomUUID();
    worker.secretHash = hashSecret(secret);
    worker.status = "starting";
    worker.managedBy = managedBy;
    worker.pid = null;
    worker.pidStarted = null;
    worker.startedAt = null;
    worker.error = null;
    worker.connected = false;
    worker.activeTasks = 0;
    worker.afterStop = "nothing";
    const command = this.#parts.command({ ...worker, secret });
    worker.flags = command.flags;
    worker.timers.set("ready", this.#parts.settings.readyTimeoutMs, () => {
      const reason = `it did not become ready within ${this.#parts.settings.readyTimeoutMs} ms`;
      if (worker.process === undefined) return void this.#ended(worker, reason);
      worker.error = reason;
      worker.process.kill("SIGKILL");
    });
    void this.#save(worker);
    return { command };
  }

  #spawn(worker: Worker): void {
    const { command } = this.#prepare(worker, "node");
    const { instance } = worker;
    const lastLines: string[] = [];
    let process: SpawnedWorker;
    try {
      process = spawnWorkerProcess({
        ...command,
        stderr: "piped",
        onStderr: (line) => {
          lastLines.push(line);
          if (lastLines.length > LAST_LINES) lastLines.shift();
          this.#listeners?.onOutput(worker.workerId, line);
        },
      });
    } catch (error) {
      return void this.#ended(worker, `its process could not be started: ${String(error)}`);
    }
    worker.process = process;
    worker.pid = process.pid;
    worker.pidStarted = processStart(process.pid) ?? null;
    void this.#save(worker);
    void process.status.then((status) => {
      if (worker.instance !== instance) return;
      worker.process = undefined;
      return this.#ended(worker, worker.error ?? describeEnd(status, lastLines));
    });
  }

  /** Its process has ended: what it held is lost, and it may have to come back. */
  async #ended(worker: Worker, reason: string): Promise<void> {
    const wanted = worker.status === "stopping";
    const lived = worker.startedAt === null ? 0 : this.#parts.db.now() - worker.startedAt;
    worker.timers.clearAll();
    worker.connected = false;
    worker.activeTasks = 0;
    worker.status = wanted ? "stopped" : "crashed";
    if (!wanted) worker.error = reason;
    worker.crashesInRow = wanted ? 0 : crashesInRow(worker.crashesInRow, lived);
    const givenUp = worker.crashesInRow > this.#parts.settings.restartLimit;
    if (givenUp) worker.status = "failed";
    await this.#write((tx) => {
      this.#keep(tx, worker);
      this.#listeners?.onLost(tx, worker.workerId, `its worker went away: ${reason}`);
      if (givenUp) this.#listeners?.onGivenUp(tx, worker.workerId, reason);
      if (worker.afterStop === "forget") this.#parts.store.delete(worker.workerId);
    });
    worker.whenEnded();
    if (worker.afterStop === "forget") this.#workers.delete(worker.workerId);
    else if (!givenUp) this.#comeBack(worker, wanted);
  }

  #comeBack(worker: Worker, wanted: boolean): void {
    if (this.#stopping) return;
    const needed = this.#listeners?.hasWork(worker.workerId) === true;
    if (wanted && worker.afterStop !== "start" && !needed) return;
    if (!wanted && !needed) return;
    const wait = wanted ? 0 : restartWait(worker.crashesInRow, this.#parts.random());
    worker.timers.set("restart", wait, () => {
      if (!wanted) worker.restarts++;
      this.#spawn(worker);
    });
  }

  /** Its process lives, but it isn't connected: it gets some time, then it is replaced. */
  #expectBack(worker: Worker): void {
    worker.timers.set("back", this.#parts.settings.reconnectGraceMs, () => {
      worker.error = "it did not come back to its node";
      if (worker.process !== undefined) return worker.process.kill("SIGKILL");
      if (isAlive(worker.pid, worker.pidStarted)) signalProcess(worker.pid ?? 0, "SIGKILL");
      void this.#ended(worker, worker.error);
    });
  }

  #stop(worker: Worker): void {
    if (!isUp(worker)) {
      worker.timers.clear("restart");
      if (worker.status === "stopped" && worker.afterStop !== "forget") return;
      worker.status = "stopping";
      return void this.#ended(worker, "it was stopped");
    }
    if (worker.status !== "stopping") {
      worker.status = "stopping";
      void this.#save(worker);
    }
    worker.timers.set(
      "kill",
      this.#parts.settings.stopGraceMs,
      () => this.#signal(worker, "SIGKILL"),
    );
    this.#signal(worker, "SIGTERM");
  }

  #signal(worker: Worker, signal: "SIGTERM" | "SIGKILL"): void {
    if (worker.process !== undefined) worker.process.kill(signal);
    else if (isAlive(worker.pid, worker.pidStarted)) signalProcess(worker.pid ?? 0, signal);
    else void this.#ended(worker, "its process was gone");
  }

  #keep(tx: Tx, worker: Worker): void {
    this.#parts.store.save(worker);
    this.#listeners?.onChange(tx, worker);
  }

  async #save(worker: Worker): Promise<void> {
    await this.#write((tx) => this.#keep(tx, worker));
  }

  /** Writes; a failure is reported, since nobody waits for an answer here. */
  async #write(work: (tx: Tx) => void): Promise<void> {
    try {
      await this.#parts.db.write(work);
    } catch (error) {
      this.#parts.report(`a worker's state could not be written: ${String(error)}`);
    }
  }
}

/** Whether there is, or is about to be, a process. */
function isUp({ status }: WorkerRecord): boolean {
  return status === "starting" || status === "running" || status === "stopping";
}
