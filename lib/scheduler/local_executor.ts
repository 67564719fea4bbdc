/**
 * Carries runs out on this node (the seed's LocalExecutor): sees to it that the scope's worker is
 * up, and hands it tasks as soon as they are ready and it has a slot. Driven by events alone: a new
 * run, a result, a worker that becomes ready.
 */
import type { Tx } from "../db/database.ts";
import type { AttemptRef, TaskDispatch } from "../schema/room_events.ts";
import { workerId as workerIdOf } from "../schema/scope.ts";
import type { ActiveRun } from "./active_run.ts";
import { Admission, byAdmission, type Held } from "./admission.ts";
import { Capacity, type NodeBounds, type Obstacle } from "./capacity.ts";
import type { Engine } from "./engine.ts";
import { candidates, type Place } from "./dispatch_turns.ts";
import { fairTurn } from "./fair_turn.ts";
import { laneOf } from "./ready_lanes.ts";
import { isRollingBack, nodeAt, type RunEffect, type RunEvent, specAt } from "./run_machine.ts";
import type { RunStore } from "./run_store.ts";
import { dispatchOf, grantOf } from "./task_dispatch.ts";
import type { TaskGrant, TaskGrants } from "./task_grants.ts";
import type { ReadyWorker, TaskChannel, WorkerPool } from "./worker_pool.ts";

/** What the executor works with. */
export interface ExecutorParts {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly pool: WorkerPool;
  readonly channel: TaskChannel;
  readonly grants: TaskGrants;
  readonly bounds: NodeBounds;
  /** Told after tasks have been handed out. */
  readonly onDispatched?: () => void;
}

export class LocalExecutor {
  readonly #parts: ExecutorParts;
  /** Ids of the open runs of each worker. */
  readonly #runsOf = new Map<string, Set<string>>();
  /** Ids of runs that have not been started. */
  readonly #queued = new Set<string>();
  #turns = 0;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Takes a run on: starts it when its turn comes, hands out what is ready, calls the worker up. */
  execute(tx: Tx, run: ActiveRun): void {
    this.takeUp(tx, [run]);
  }

  /** Takes several runs on; at start-up all of them in one go, so that none passes for the first. */
  takeUp(tx: Tx, runs: readonly ActiveRun[]): void {
    for (const run of runs) {
      const known = this.#runsOf.get(run.workerId) ?? new Set();
      this.#runsOf.set(run.workerId, known.add(run.runId));
      if (run.machine.status === "queued") this.#queued.add(run.runId);
    }
    this.admit(tx);
    for (const workerId of new Set(runs.map((run) => run.workerId))) {
      this.dispatchReady(tx, workerId);
    }
    tx.afterCommit(() => runs.forEach((run) => this.ensureWorker(run)));
  }

  /** Starts the queued runs that may start now. */
  admit(tx: Tx): void {
    const { engine, bounds } = this.#parts;
    const queued = this.#queuedRuns();
    if (queued.length === 0) return;
    const admission = new Admission(bounds, this.#allRuns());
    const time = { now: tx.now, ageMs: bounds.priorityAgeMs };
    engine.transact(tx, () => {
      for (const run of byAdmission(queued, time)) {
        if (admission.held(run) !== undefined) continue;
        engine.apply(tx, run, { type: "start" });
        admission.started(run);
        tx.onRollback(() => this.#queued.add(run.runId));
        this.#queued.delete(run.runId);
        this.dispatchReady(tx, run.workerId);
        tx.afterCommit(() => this.ensureWorker(run));
      }
    });
  }

  /** How many open runs this node carries out. */
  get openCount(): number {
    return this.#allRuns().length;
  }

  /** Whether runs wait to be started. */
  get hasQueued(): boolean {
    return this.#queued.size > 0;
  }

  /** What a queued run waits for. */
  heldBy(run: ActiveRun): Held | undefined {
    return new Admission(this.#parts.bounds, this.#allRuns()).held(run);
  }

  /** Tells of each ready task of a run what keeps it from being handed out, beside its worker. */
  obstaclesOf(run: ActiveRun): (index: number) => Obstacle | undefined {
    const capacity = new Capacity(this.#parts.bounds, this.#allRuns());
    return (index) => capacity.obstacle(run, laneOf(run.machine, index));
  }

  /** A worker's slots: how many it has, or null while it isn't up, and how many are taken. */
  slotsOf(workerId: string): { readonly total: number | null; readonly taken: number } {
    const taken = this.#openRuns(workerId).reduce((sum, run) => sum + run.machine.slots, 0);
    return { total: this.#parts.pool.ready(workerId)?.slots ?? null, taken };
  }

  /** Sees to it that a run's worker is up while the run is open and has been started. */
  ensureWorker(run: ActiveRun): void {
    const open = this.#parts.engine.get(run.runId);
    if (open === undefined || open.machine.status === "queued") return;
    this.#parts.pool.ensure(run.workerId, run.machine.spec.scope);
  }

  /**
   * Hands a worker as many ready tasks as it has slots for, one run after the other as `fairTurn`
   * says. Where runs share a bound, what one worker gives free may be another's.
   */
  dispatchReady(tx: Tx, workerId: string): void {
    const workers = this.#workersFor(workerId);
    if (workers.length === 0) return;
    const { engine, bounds } = this.#parts;
    const capacity = new Capacity(bounds, this.#sharesBounds() ? this.#allRuns() : []);
    const time = { now: tx.now, ageMs: bounds.priorityAgeMs };
    for (;;) {
      const turn = fairTurn(candidates(workers, capacity), time);
      if (turn === undefined) break;
      const { run, task, place } = turn;
      const { index, lane } = task;
      const grant = grantOf(run, index, this.#parts);
      if ("refusal" in grant) {
        // It takes no place of anybody: the run keeps its turn.
        engine.apply(tx, run, { type: "refuse", index, reason: grant.refusal });
        continue;
      }
      capacity.take(run, lane);
      if (lane.slot) place.free--;
      run.servedAt = tx.now;
      run.lastTurn = ++this.#turns;
      place.tasks.push(this.#claim(tx, { run, index, worker: place.worker, grant }));
    }
    for (const { id, tasks } of workers) {
      if (tasks.length > 0) this.#send(tx, id, tasks);
    }
  }

  /**
   * Sends the tasks of attempts again that a worker should hold but never got. What the policy
   * doesn't allow any more goes back to be refused as a new start would be.
   */
  dispatchAgain(tx: Tx, workerId: string, attempts: readonly AttemptRef[]): void {
    const tasks = attempts.flatMap((ref) => {
      const run = this.#parts.engine.get(ref.run_id);
      const index = run?.indexOf.get(ref.task_id);
      if (run === undefined || index === undefined) return [];
      const grant = grantOf(run, index, this.#parts);
      if (!("refusal" in grant)) return [dispatchOf(run, { index, ref, grant }, this.#parts.runs)];
      this.#takeBack(tx, run, { index, ref, reason: grant.refusal });
      return [];
    });
    if (tasks.length > 0) this.#send(tx, workerId, tasks);
  }

  #send(tx: Tx, workerId: string, tasks: readonly TaskDispatch[]): void {
    this.#parts.channel.dispatch(tx, workerId, tasks);
    const { onDispatched } = this.#parts;
    if (onDispatched !== undefined) tx.afterCommit(onDispatched);
  }

  /** Lets something happen to a run and hands out what has become ready. */
  happen(tx: Tx, runId: string, event: RunEvent): void {
    const { engine } = this.#parts;
    engine.transact(tx, () => {
      const run = engine.get(runId);
      // What happens to a run that another node has is that node's to say.
      if (run === undefined || !this.#isHere(run)) return;
      engine.apply(tx, run, event);
      this.dispatchReady(tx, run.workerId);
    });
  }

  /** Ends attempts that lost their lease while they ran, and has the worker kill them. */
  revoke(tx: Tx, run: ActiveRun, revoked: readonly Revoked[]): void {
    const reason = run.machine.error ?? "it was cancelled";
    const tasks = revoked.map(({ index, attempt, lease }) => {
      this.#parts.runs.attempts.end(run.runId, { index, attempt, lease }, {
        status: "cancelled",
        at: tx.now,
        error: nodeAt(run.machine, index).error ?? reason,
        errorCode: "cancelled",
      });
      return {
        run_id: run.runId,
        task_id: specAt(run.machine, index).id,
        attempt,
        lease,
      };
    });
    // A run that another node has is told there.
    if (this.#isHere(run)) this.#parts.channel.cancel(tx, run.workerId, { tasks, reason });
  }

  /** Carries a run out no longer, and has its worker end what runs of it. The run doesn't end. */
  putDown(tx: Tx, run: ActiveRun, reason: string): void {
    const { runs, channel, pool } = this.#parts;
    const { runId, workerId } = run;
    const tasks = runs.attempts.runningOn(workerId).filter(({ run_id }) => run_id === runId)
      .map(({ run_id, task_id, attempt, lease }) => ({ run_id, task_id, attempt, lease }));
    if (tasks.length > 0) channel.cancel(tx, workerId, { tasks, reason });
    tx.afterCommit(() => {
      this.#runsOf.get(workerId)?.delete(runId);
      this.#queued.delete(runId);
      if (workerId !== workerIdOf(run.machine.spec.scope)) pool.release(workerId);
    });
  }

  /** Fails the runs of a worker that will not come back. */
  giveUp(tx: Tx, workerId: string, why: string): void {
    const { engine } = this.#parts;
    const reason = `its worker ${workerId} could not be kept running: ${why}`;
    engine.transact(tx, () => {
      for (const run of this.#openRuns(workerId)) {
        engine.apply(tx, run, { type: "stop", status: "failed", reason, workerGone: true });
      }
    });
  }

  /** Whether a worker has open runs. */
  hasWork(workerId: string): boolean {
    return this.#openRuns(workerId).length > 0;
  }

  /** Whether this node carries the run out. */
  #isHere({ workerId, runId }: ActiveRun): boolean {
    return this.#runsOf.get(workerId)?.has(runId) === true;
  }

  /** How many tasks are handed to a worker and haven't ended. */
  runningOn(workerId: string): number {
    return this.#openRuns(workerId).reduce((sum, run) => sum + run.machine.running, 0);
  }

  /** The open runs of a worker. */
  #openRuns(workerId: string): ActiveRun[] {
    const ids = this.#runsOf.get(workerId);
    if (ids === undefined) return [];
    const runs: ActiveRun[] = [];
    for (const id of ids) {
      const run = this.#parts.engine.get(id);
      if (run === undefined) ids.delete(id);
      else runs.push(run);
    }
    if (ids.size === 0) this.#runsOf.delete(workerId);
    return runs;
  }

  #allRuns(): ActiveRun[] {
    return [...this.#runsOf.keys()].flatMap((workerId) => this.#openRuns(workerId));
  }

  #queuedRuns(): ActiveRun[] {
    const runs: ActiveRun[] = [];
    for (const id of this.#queued) {
      const run = this.#parts.engine.get(id);
      if (run?.machine.status === "queued") runs.push(run);
      else if (run === undefined) this.#queued.delete(id);
    }
    return runs;
  }

  /** Whether runs of several workers, or of one DAG, wait for the same places. */
  #sharesBounds(): boolean {
    const { maxRunningTasks, groups } = this.#parts.bounds;
    if (maxRunningTasks !== null || Object.keys(groups).length > 0) return true;
    return this.#allRuns().some((run) => run.machine.spec.groups !== undefined);
  }

  /** The workers that may be handed tasks when something has changed at one of them. */
  #workersFor(workerId: string): Place[] {
    const ids = this.#sharesBounds() ? [...this.#runsOf.keys()] : [workerId];
    return ids.flatMap((id) => {
      const worker = this.#parts.pool.ready(id);
      if (worker === undefined) return [];
      const runs = this.#openRuns(id);
      const taken = runs.reduce((sum, run) => sum + run.machine.slots, 0);
      return [{ id, worker, runs, free: worker.slots - taken, tasks: [] }];
    });
  }

  #claim(tx: Tx, { run, index, worker, grant }: Claim): TaskDispatch {
    const { engine, runs } = this.#parts;
    const lease = crypto.randomUUID();
    engine.apply(tx, run, { type: "claim", index, lease });
    const { attempt } = nodeAt(run.machine, index);
    runs.attempts.begin(tx, run.runId, {
      task_index: index,
      attempt,
      kind: isRollingBack(run.machine) ? "rollback" : "task",
      lease,
      worker_id: run.workerId,
      instance: worker.instance,
    });
    const task_id = specAt(run.machine, index).id;
    const ref = { run_id: run.runId, task_id, attempt, lease };
    return dispatchOf(run, { index, ref, grant }, runs);
  }

  #takeBack(
    tx: Tx,
    run: ActiveRun,
    { index, ref, reason }: { index: number; ref: AttemptRef; reason: string },
  ): void {
    const { attempt, lease } = ref;
    this.#parts.runs.attempts.end(run.runId, { index, attempt, lease }, {
      status: "lost",
      at: tx.now,
      error: reason,
      errorCode: "not_permitted",
    });
    this.#parts.engine.apply(tx, run, { type: "lost", index, lease, reason });
  }
}

type Revoked = Extract<RunEffect, { readonly type: "revoke" }>;

interface Claim {
  readonly run: ActiveRun;
  readonly index: number;
  readonly worker: ReadyWorker;
  readonly grant: TaskGrant;
}
