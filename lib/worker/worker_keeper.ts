/**
 * Keeps one worker: does what its machine (worker_machine.ts) asks for. Processes are started and
 * signalled at once, rows are written in order, and what follows from them comes after the commit.
 */
import { hashSecret, newSecret } from "../auth/secret.ts";
import type { Tx } from "../db/database.ts";
import type { HeartbeatContent, ReadyContent } from "../schema/room_events.ts";
import { commandHash } from "./command_hash.ts";
import { removeLeftovers } from "./leftovers.ts";
import { isAlive, processIdentity } from "./process_identity.ts";
import type { SupervisorParts } from "./supervisor_parts.ts";
import type { SupervisorListeners } from "./supervisor_listeners.ts";
import { SYSTEM_CLOCK, Timers } from "./timers.ts";
import type { WorkerCommand } from "./worker_command.ts";
import { WorkerJournal } from "./worker_journal.ts";
import type { TimerName, WorkerEffect, WorkerEvent, WorkerMachine } from "./worker_events.ts";
import { isUp, transition } from "./worker_machine.ts";
import { launchProcess, watchProcess, type WorkerProcess } from "./worker_process.ts";
import { NEW_LIFE, type WorkerRecord } from "./worker_store.ts";

/** A worker: what is kept of it, and what only memory knows. */
export interface Worker extends WorkerRecord, Omit<WorkerMachine, keyof WorkerRecord> {
  activeTasks: number;
}

/** What a keeper works with. */
export interface KeeperParts extends SupervisorParts {
  readonly listeners: () => SupervisorListeners | undefined;
  /** The worker wants to start. */
  readonly onWant: (keeper: WorkerKeeper, reason: string) => void;
  /** Its process has ended, and that is written down. */
  readonly onDown: () => void;
  /** It is gone for good. */
  readonly onForgotten: (keeper: WorkerKeeper) => void;
  /** Whether a pid is one that a worker can't have. */
  readonly isTaken: (pid: number) => boolean;
}

type StateEffect = Extract<WorkerEffect, { readonly type: "state" }>;

/** A heartbeat is written this often at most: who sends more of them changes nothing by it. */
const WRITE_HEARTBEAT_MS = 500;
/** What others may take as long as this for; the rest is the node's own. */
const PATIENT: readonly TimerName[] = ["ready", "back", "kill"];

export class WorkerKeeper {
  readonly worker: Worker;
  readonly #parts: KeeperParts;
  readonly #journal: WorkerJournal;
  readonly #timers = new Timers<TimerName>();
  #process: (WorkerProcess & Partial<Disposable>) | undefined;
  #lastHeard = 0;
  /** Settles when nothing is left of its last life. */
  #cleaned: Promise<void> = Promise.resolve();
  #isReleased = false;
  #whenDown: (() => void)[] = [];

  constructor(worker: Worker, parts: KeeperParts) {
    this.worker = worker;
    this.#parts = parts;
    this.#journal = new WorkerJournal(parts.db, parts.report);
  }

  get id(): string {
    return this.worker.workerId;
  }

  get #isElsewhere(): boolean {
    return this.#parts.elsewhere?.scopeOf(this.id) !== undefined;
  }

  /** Lets something happen to the worker. */
  happen(event: WorkerEvent): void {
    this.#perform(this.#transition(event));
  }

  /** Takes up what an earlier life of the node left. */
  find(): void {
    const { pid, pidStarted } = this.worker;
    const alive = isUp(this.worker) && (this.#isElsewhere || isAlive(pid, pidStarted));
    if (alive && pid !== null) this.#keepProcess(watchProcess(pid, pidStarted));
    this.happen({ type: "found", alive });
  }

  /**
   * Makes a place for a process that somebody else starts.
   * @throws {TypeError} for a policy that can't be put into flags, and Deno's errors
   */
  admit(): WorkerCommand {
    const command = this.#newLife();
    this.happen({ type: "start", managedBy: "cli", reason: "somebody starts it in a terminal" });
    return command;
  }

  /** Gives a place to a process of another machine, which has come by itself. */
  receive(instance: string): void {
    this.happen({ type: "ended", reason: "another process of it has come" });
    Object.assign(this.worker, { ...NEW_LIFE, instance, secretHash: "", flags: [] });
    this.happen({ type: "start", managedBy: "cli", reason: "it came from another machine" });
  }

  /** It has said that it is ready: within the transaction of that event. */
  readyWithin(tx: Tx, ready: ReadyContent): void {
    const { worker } = this;
    const before = { ...worker };
    tx.onRollback(() => Object.assign(worker, before));
    this.heard();
    this.#journal.writeWithin(tx);
    worker.activeTasks = ready.active.length;
    worker.lastHeartbeat = tx.now;
    if (worker.pid === null && !this.#isElsewhere) this.#identify(ready.pid);
    const effects = this.#transition({ type: "ready" });
    for (const effect of effects) if (effect.type === "state") this.#state(effect)(tx);
    tx.afterCommit(() => this.#perform(effects.filter(({ type }) => type !== "state")));
  }

  /** It gave a sign of life with news: within the transaction of that event. */
  heartbeatWithin(tx: Tx, beat: HeartbeatContent): void {
    const { worker } = this;
    const { rss, cpu_ms: cpuMs, active_tasks: activeTasks } = beat;
    const isSoon = tx.now - (worker.lastHeartbeat ?? 0) < WRITE_HEARTBEAT_MS;
    Object.assign(worker, { rss, cpuMs, activeTasks });
    if (isSoon) return;
    worker.lastHeartbeat = tx.now;
    this.#parts.store.saveHeartbeat(worker);
    this.#parts.history.sample(tx, this.id, { rss, cpuMs, activeTasks });
  }

  /** Something came over its connection. */
  heard(): void {
    this.#lastHeard = SYSTEM_CLOCK.now();
  }

  /** Nothing can come from it at the moment. */
  cutOff(): void {
    this.heard();
    this.happen({ type: "cut_off" });
  }

  /** Its connection is gone. */
  away(): void {
    this.happen({ type: "away" });
    if (this.#process !== undefined) this.#process.look();
    else if (isUp(this.worker)) this.#ended("its connection ended, and its process is not known");
  }

  /** Whether it would be started differently now than it was. */
  differs(): boolean {
    const { worker } = this;
    if (this.#isElsewhere) return false;
    let command: WorkerCommand;
    try {
      command = this.#parts.command({ ...worker, secret: "" });
    } catch (error) {
      this.#parts.report(`${this.id} stays as it is, its command can't be made: ${String(error)}`);
      return false;
    }
    return commandHash(command) !== worker.commandHash;
  }

  /** Settles when it has no process and that is written down. */
  down(): Promise<void> {
    if (!isUp(this.worker)) return this.#journal.flush();
    return new Promise((resolve) => this.#whenDown.push(resolve));
  }

  /** Lets go of it: nothing happens to it any more, its process is left alone. */
  release(): void {
    this.#isReleased = true;
    this.#timers.clearAll();
    this.#journal.stop();
    this.#process?.[Symbol.dispose]?.();
    this.#process = undefined;
  }

  #transition(event: WorkerEvent): WorkerEffect[] {
    if (this.#isReleased) return [];
    const { settings, random, db, listeners } = this.#parts;
    return transition(this.worker, event, {
      now: db.now(),
      settings,
      needed: !this.#isElsewhere && listeners()?.hasWork(this.id) === true,
      random: random(),
    });
  }

  #perform(effects: readonly WorkerEffect[]): void {
    let failure: string | undefined;
    let hasEntries = false;
    for (const effect of effects) {
      const entry = this.#entry(effect);
      if (entry !== undefined) this.#journal.add(entry);
      hasEntries ||= entry !== undefined;
      if (effect.type === "launch") failure = this.#launch();
      else if (effect.type === "timer") this.#setTimer(effect.name, effect.ms);
      else if (effect.type === "clear") {
        for (const name of effect.names) this.#timers.clear(name);
      } else if (effect.type === "signal") this.#signal(effect.signal);
    }
    const { instance } = this.worker;
    const isOver = effects.some(({ type }) => type === "lost");
    // Before a task runs again, what is left of its last attempt has to be gone.
    if (isOver) {
      this.#cleaned = removeLeftovers({ ...this.#parts.settings, workerId: this.id, instance });
    }
    if (hasEntries) {
      void Promise.all([this.#journal.flush(), this.#cleaned])
        .then(() => this.#follow(effects, instance));
    } else this.#follow(effects, instance);
    if (failure !== undefined) this.#ended(failure);
  }

  /** What an effect writes. */
  #entry(effect: WorkerEffect): ((tx: Tx) => void) | undefined {
    const { store, history, listeners } = this.#parts;
    switch (effect.type) {
      case "state":
        return this.#state(effect);
      case "lost":
        return (tx) => listeners()?.onLost(tx, this.id, effect.reason);
      case "given_up":
        return (tx) => listeners()?.onGivenUp(tx, this.id, effect.reason);
      case "forget":
        return () => {
          store.delete(this.id);
          history.forget(this.id);
        };
      default:
        return undefined;
    }
  }

  /** Writes a change of state as it is now. */
  #state({ to, reason, lastLines }: StateEffect): (tx: Tx) => void {
    const { store, history, listeners } = this.#parts;
    const record = { ...this.worker, status: to };
    return (tx) => {
      store.save(record);
      const { pid, restarts } = record;
      history.append(tx, this.id, { status: to, reason, pid, restarts, lastLines });
      listeners()?.onChange(tx, record);
    };
  }

  /** What others do about effects, once these are written down. */
  #follow(effects: readonly WorkerEffect[], instance: string): void {
    for (const effect of effects) {
      // One of another machine is started there.
      if (effect.type === "want" && !this.#isElsewhere) this.#parts.onWant(this, effect.reason);
      if (effect.type === "forget") this.#parts.onForgotten(this);
    }
    if (!effects.some(({ type }) => type === "lost" || type === "forget")) return;
    this.#parts.listeners()?.onGone(this.id, instance);
    for (const resolve of this.#whenDown) resolve();
    this.#whenDown = [];
    this.#parts.onDown();
  }

  #setTimer(name: TimerName, ms: number): void {
    if (name === "hung") this.#timers.setPatient(name, ms, () => this.#listen(ms));
    else if (PATIENT.includes(name)) this.#timers.setPatient(name, ms, () => this.#due(name));
    else if (name === "restart") {
      this.#timers.set(name, ms, () => void this.#cleaned.then(() => this.#due(name)));
    } else this.#timers.set(name, ms, () => this.#due(name));
  }

  /** The time of silence counts from the last that was heard. */
  #listen(limit: number): void {
    const left = limit - (SYSTEM_CLOCK.now() - this.#lastHeard);
    if (left <= 0) return this.#due("hung");
    this.#timers.setPatient("hung", left, () => this.#listen(limit));
  }

  #due(timer: TimerName): void {
    this.happen({ type: "due", timer });
  }

  /** A new instance with a new secret. */
  #newLife(): WorkerCommand {
    const { worker } = this;
    const secret = newSecret();
    const instance = crypto.randomUUID();
    const command = this.#parts.command({ ...worker, instance, secret });
    this.#parts.prepare?.(worker);
    this.#process?.[Symbol.dispose]?.();
    this.#process = undefined;
    Object.assign(worker, {
      ...NEW_LIFE,
      instance,
      secretHash: hashSecret(secret),
      flags: command.flags,
      commandHash: commandHash(command),
    });
    return command;
  }

  /** @returns why there is no process, if there is none */
  #launch(): string | undefined {
    try {
      const command = this.#newLife();
      const listeners = this.#parts.listeners();
      const process = launchProcess(command, (line) => listeners?.onOutput(this.id, line));
      this.worker.pid = process.pid;
      this.worker.pidStarted = process.identity;
      this.#keepProcess(process);
      return undefined;
    } catch (error) {
      return `its process could not be started: ${reasonOf(error)}`;
    }
  }

  /** Believes which process it is, where the node hasn't started it itself. */
  #identify(pid: number): void {
    const identity = processIdentity(pid);
    if (identity === undefined || this.#parts.isTaken(pid)) return;
    this.worker.pid = pid;
    this.worker.pidStarted = identity;
    this.#keepProcess(watchProcess(pid, identity));
  }

  #keepProcess(process: WorkerProcess & Partial<Disposable>): void {
    this.#process = process;
    void process.ended.then(({ reason, lastLines }) => {
      if (this.#process !== process) return;
      this.#process = undefined;
      this.happen({ type: "ended", reason, lastLines });
    });
  }

  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#process !== undefined) this.#process.signal(signal);
    else if (this.#isElsewhere && signal === "SIGTERM") {
      this.#parts.elsewhere?.shutdown(this.id, this.worker.stopReason);
    } else this.#ended("it had no process that is known");
  }

  /** Not within the step that finds it out: that one has to be written first. */
  #ended(reason: string): void {
    const { instance } = this.worker;
    queueMicrotask(() => {
      if (this.worker.instance === instance) this.happen({ type: "ended", reason });
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
