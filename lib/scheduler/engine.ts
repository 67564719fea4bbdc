/**
 * Lets events happen to runs and keeps what they change: state rows, attempts and the events that
 * tell of it, in one transaction. Who starts tasks is the executor's business.
 */
import type { Database, Tx } from "../db/database.ts";
import { type ActiveRun, activeRun, countStarts } from "./active_run.ts";
import type { Alarms } from "./alarms.ts";
import { askDecision, type AskParts } from "./ask_decision.ts";
import type { DebtStore } from "./debt_store.ts";
import type { NewEvent } from "./event_log.ts";
import {
  createRunMachine,
  nodeAt,
  restoreRunMachine,
  type RunEffect,
  type RunEvent,
  type RunMachine,
  specAt,
  type StoredTask,
  transition,
} from "./run_machine.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { Policy } from "../schema/policy.ts";
import type { NewRun, RunRow, RunStore } from "./run_store.ts";
import type { SpecStore } from "./spec_store.ts";
import type { TaskTimes } from "./task_times.ts";
import { isFinalRun } from "../schema/states.ts";

/** What the engine works with. */
export interface EngineParts extends AskParts {
  readonly db: Database;
  readonly runs: RunStore;
  readonly specs: SpecStore;
  readonly times: TaskTimes;
  readonly debts: DebtStore;
  readonly alarms: Alarms;
}

/** Told, within the transaction, of attempts that lost their lease while they ran. */
export type RevokeListener = (
  tx: Tx,
  run: ActiveRun,
  effects: readonly Extract<RunEffect, { type: "revoke" }>[],
) => void;

export class Engine {
  readonly #parts: EngineParts;
  readonly #active = new Map<string, ActiveRun>();
  /** Policies of versions: they don't change, and a look reads past the whole spec. */
  readonly #policies = new WeakMap<ActiveRun, Policy | null>();
  /** Runs changed in the current transaction and not yet written. */
  readonly #touched = new Set<ActiveRun>();
  #onRevoke: RevokeListener = () => {};
  #onDue: (runId: string, event: RunEvent) => void = () => {};
  #onEnded: (run: ActiveRun) => void = () => {};
  #onAsked: () => void = () => {};

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Connects the parts that act on what happens here. */
  connect(listeners: {
    readonly onRevoke: RevokeListener;
    /** A retry or deadline is due: called outside a transaction. */
    readonly onDue: (runId: string, event: RunEvent) => void;
    /** A run has ended: called after the commit. */
    readonly onEnded: (run: ActiveRun) => void;
    /** A decision waits that may expire before all others: called after the commit. */
    readonly onAsked: () => void;
  }): void {
    this.#onRevoke = listeners.onRevoke;
    this.#onDue = listeners.onDue;
    this.#onEnded = listeners.onEnded;
    this.#onAsked = listeners.onAsked;
  }

  /** Runs a piece of work on runs and writes what it changed. Nothing may be kept outside of it. */
  transact<T>(tx: Tx, work: () => T): T {
    const result = work();
    this.#keep(tx);
    return result;
  }

  /** Stores a new run and starts it. `tasks`: what it takes over of another one, as in a retry. */
  begin(tx: Tx, run: NewRun, tasks?: readonly StoredTask[]): ActiveRun {
    const timesOf = this.#parts.times.lastRun(run.spec.dag_id);
    const machine = this.#newMachine(run.spec, timesOf, tasks);
    this.#parts.runs.save(tx, { ...run, timesOf }, machine);
    const active = activeRun({ ...run, createdAt: tx.now }, machine);
    this.#active.set(run.runId, active);
    tx.onRollback(() => this.#active.delete(run.runId));
    this.#parts.events.append(tx, {
      type: "run.queued",
      dagId: active.dagId,
      runId: run.runId,
      workerId: run.workerId,
      data: { version: run.version, triggered_by: run.triggeredBy, tasks: run.spec.tasks.length },
    });
    if (run.deadlineAt !== null) this.#setDeadline(run.runId, run.deadlineAt, machine);
    return active;
  }

  #newMachine(spec: DagSpec, timesOf: string | null, tasks?: readonly StoredTask[]): RunMachine {
    const known = this.#parts.times.of(timesOf);
    if (tasks === undefined) return createRunMachine(spec, known);
    return restoreRunMachine(spec, { status: "queued", held: false, error: null, tasks }, known);
  }

  /** Lets an event happen to a run. @returns what it changed, nothing for an event out of place */
  apply(tx: Tx, run: ActiveRun, event: RunEvent): RunEffect[] {
    const effects = transition(run.machine, event, tx.now);
    if (effects.length === 0) return effects;
    if (!this.#touched.has(run)) {
      this.#touched.add(run);
      // What was not kept must not be remembered; the next look reads it from the database.
      tx.onRollback(() => {
        this.#touched.delete(run);
        this.#active.delete(run.runId);
      });
    }
    for (const effect of effects) this.#record(tx, run, effect);
    const revoked = effects.filter((effect) => effect.type === "revoke");
    if (revoked.length > 0) this.#onRevoke(tx, run, revoked);
    return effects;
  }

  /** A run that hasn't ended, from memory or the database. */
  get(runId: string): ActiveRun | undefined {
    const known = this.#active.get(runId);
    if (known !== undefined) return known;
    const row = this.#parts.runs.load(runId);
    return row === undefined || row.finished_at !== null ? undefined : this.#restore(row);
  }

  /** Forgets a run whose rows somebody else has changed; the next look reads them. */
  forget(runId: string): void {
    this.#active.delete(runId);
  }

  /** The policy that a run's version was published under; null where that wasn't kept. */
  publishedPolicy(run: ActiveRun): Policy | null {
    const known = this.#policies.get(run);
    if (known !== undefined) return known;
    const policy = this.#parts.specs.policyOf(run.dagId, run.version);
    this.#policies.set(run, policy);
    return policy;
  }

  /** Every run that hasn't ended, with its alarms set again. For start-up. */
  restoreAll(): ActiveRun[] {
    return this.#parts.runs.open().map((row) => this.#active.get(row.run_id) ?? this.#restore(row));
  }

  #restore(row: RunRow): ActiveRun {
    const spec = this.#parts.specs.specOf(row);
    const machine = restoreRunMachine(spec, {
      status: row.status,
      held: row.held === 1,
      error: row.error,
      tasks: this.#parts.runs.storedTasks(row.run_id),
    }, this.#parts.times.of(row.times_of));
    const run = activeRun(
      {
        runId: row.run_id,
        version: row.version,
        workerId: row.worker_id,
        createdAt: row.created_at,
        triggeredBy: row.triggered_by,
      },
      machine,
    );
    this.#active.set(row.run_id, run);
    machine.tasks.forEach((task, index) => {
      if (task.retryAt !== null) this.#setRetry(row.run_id, index, task.retryAt);
    });
    if (row.deadline_at !== null) this.#setDeadline(row.run_id, row.deadline_at, machine);
    return run;
  }

  #record(tx: Tx, run: ActiveRun, effect: RunEffect): void {
    switch (effect.type) {
      case "run":
        run.stateChanged = true;
        this.#tell(tx, run, { type: `run.${effect.to}`, data: this.#errorOf(run) });
        if (isFinalRun(effect.to)) tx.afterCommit(() => this.#ended(run));
        return;
      case "held":
        run.stateChanged = true;
        return;
      case "rolling_back":
        run.stateChanged = true;
        return this.#tell(tx, run, {
          type: "run.rolling_back",
          data: { tasks: effect.tasks, ...this.#errorOf(run) },
        });
      case "ask":
        askDecision(tx, this.#parts, { run, index: effect.index });
        return tx.afterCommit(() => this.#onAsked());
      case "rollback":
        run.undone.add(effect.index);
        countStarts(run, effect);
        return this.#tellOfTask(tx, run, { index: effect.index, type: `rollback.${effect.to}` });
      case "task":
        return this.#recordTask(tx, run, effect);
      case "revoke":
    }
  }

  #recordTask(tx: Tx, run: ActiveRun, effect: Extract<RunEffect, { type: "task" }>): void {
    const { index, from, to } = effect;
    run.changed.add(index);
    countStarts(run, effect);
    if (to === "ready") run.lanes.add(index, tx.now);
    this.#tellOfTask(tx, run, { index, type: `task.${to}` });
    if (from === "awaiting_decision") this.#withdraw(tx, run, index);
    if (to === "debt") {
      const debt_id = this.#parts.debts.open(tx, { run, index });
      this.#tellOfTask(tx, run, { index, type: "debt.opened", data: { debt_id } });
    }
    const { retryAt } = nodeAt(run.machine, index);
    if (to === "retry_wait" && retryAt !== null) this.#setRetry(run.runId, index, retryAt);
  }

  /** A decision that still is open when its task goes on without it is no question any more. */
  #withdraw(tx: Tx, run: ActiveRun, index: number): void {
    const withdrawn = this.#parts.decisions.withdraw(tx, run.runId, index);
    if (withdrawn === undefined) return;
    this.#tellOfTask(tx, run, { index, type: "decision.withdrawn", data: { ...withdrawn } });
  }

  #tell(tx: Tx, run: ActiveRun, event: Pick<NewEvent, "type" | "data">): void {
    const { dagId, runId, workerId } = run;
    this.#parts.events.append(tx, { ...event, dagId, runId, workerId });
  }

  #tellOfTask(
    tx: Tx,
    run: ActiveRun,
    event: { index: number; type: string; data?: NewEvent["data"] },
  ): void {
    const { attempt, error } = nodeAt(run.machine, event.index);
    this.#parts.events.append(tx, {
      type: event.type,
      dagId: run.dagId,
      runId: run.runId,
      taskId: specAt(run.machine, event.index).id,
      data: { attempt, ...(error === null ? {} : { error }), ...event.data },
    });
  }

  #errorOf({ machine: { error } }: ActiveRun): { error?: string } {
    return error === null ? {} : { error };
  }

  #keep(tx: Tx): void {
    const { runs } = this.#parts;
    for (const run of this.#touched) {
      for (const index of run.changed) {
        runs.updateTask(run.runId, index, nodeAt(run.machine, index));
      }
      for (const index of run.undone) {
        runs.updateRollback(run.runId, index, nodeAt(run.machine, index));
      }
      if (run.stateChanged) runs.updateRun(tx, run.runId, run.machine);
      else if (run.changed.size > 0) runs.updateProgress(run.runId, run.machine.completed);
      run.changed.clear();
      run.undone.clear();
      run.stateChanged = false;
    }
    this.#touched.clear();
  }

  #ended(run: ActiveRun): void {
    this.#active.delete(run.runId);
    this.#parts.alarms.clear(`deadline ${run.runId}`);
    this.#onEnded(run);
  }

  #setRetry(runId: string, index: number, at: number): void {
    this.#parts.alarms.set(
      `retry ${runId} ${index}`,
      at,
      () => this.#onDue(runId, { type: "retry_due", index }),
    );
  }

  #setDeadline(runId: string, at: number, machine: RunMachine): void {
    const reason = `the run took longer than ${machine.spec.timeout ?? "its timeout"}`;
    this.#parts.alarms.set(
      `deadline ${runId}`,
      at,
      () => this.#onDue(runId, { type: "stop", status: "failed", reason }),
    );
  }
}
