/**
 * Carries runs out on this node (the seed's LocalExecutor): sees to it that the scope's worker is
 * up, and hands it tasks as soon as they are ready and it has a slot. Driven by events alone: a new
 * run, a result, a worker that becomes ready.
 */
import type { Tx } from "../db/database.ts";
import type { TaskSpec } from "../schema/dag_spec.ts";
import { durationMs } from "../schema/duration.ts";
import type { AttemptRef, TaskDispatch, TaskWork } from "../schema/room_events.ts";
import { type ActiveRun, byUrgency } from "./active_run.ts";
import type { Engine } from "./engine.ts";
import { rollbackTask } from "./rollback.ts";
import {
  isRollingBack,
  nextReady,
  nodeAt,
  type RunEffect,
  type RunEvent,
  type RunMachine,
  specAt,
  takesSlot,
} from "./run_machine.ts";
import type { RunStore } from "./run_store.ts";
import type { TaskGrants } from "./task_grants.ts";
import type { ReadyWorker, TaskChannel, WorkerPool } from "./worker_pool.ts";

/** What the executor works with. */
export interface ExecutorParts {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly pool: WorkerPool;
  readonly channel: TaskChannel;
  readonly grants: TaskGrants;
}

export class LocalExecutor {
  readonly #parts: ExecutorParts;
  /** Ids of the open runs of each worker. */
  readonly #runsOf = new Map<string, Set<string>>();

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Takes a run on: starts it if it is new, hands out what is ready, calls the worker up. */
  execute(tx: Tx, run: ActiveRun): void {
    const runs = this.#runsOf.get(run.workerId) ?? new Set();
    this.#runsOf.set(run.workerId, runs.add(run.runId));
    if (run.machine.status === "queued") this.#parts.engine.apply(tx, run, { type: "start" });
    this.dispatchReady(tx, run.workerId);
    tx.afterCommit(() => this.ensureWorker(run));
  }

  /** Sees to it that a run's worker is up while the run is open. */
  ensureWorker(run: ActiveRun): void {
    if (this.#parts.engine.get(run.runId) === undefined) return;
    this.#parts.pool.ensure(run.workerId, run.machine.spec.scope);
  }

  /** Hands a worker as many ready tasks as it has slots for, the most urgent runs first. */
  dispatchReady(tx: Tx, workerId: string): void {
    const worker = this.#parts.pool.ready(workerId);
    if (worker === undefined) return;
    const runs = this.#openRuns(workerId);
    let free = worker.slots - runs.reduce((sum, run) => sum + run.machine.slots, 0);
    const tasks: TaskDispatch[] = [];
    for (const run of runs) {
      for (
        let index = nextReady(run.machine);
        index !== undefined;
        index = nextReady(run.machine)
      ) {
        const slot = takesSlot(run.machine, index);
        if (slot && free <= 0) break;
        const reason = this.#refusalOf(run.machine, index);
        if (reason !== undefined) {
          this.#parts.engine.apply(tx, run, { type: "refuse", index, reason });
          continue;
        }
        if (slot) free--;
        tasks.push(this.#claim(tx, { run, index, worker }));
      }
    }
    if (tasks.length > 0) this.#parts.channel.dispatch(tx, workerId, tasks);
  }

  /** Sends the tasks of attempts again that a worker should hold but never got. */
  dispatchAgain(tx: Tx, workerId: string, attempts: readonly AttemptRef[]): void {
    const tasks = attempts.flatMap((ref) => {
      const run = this.#parts.engine.get(ref.run_id);
      const index = run?.indexOf.get(ref.task_id);
      return run === undefined || index === undefined ? [] : [this.#dispatchOf(run, index, ref)];
    });
    if (tasks.length > 0) this.#parts.channel.dispatch(tx, workerId, tasks);
  }

  /** Lets something happen to a run and hands out what has become ready. */
  happen(tx: Tx, runId: string, event: RunEvent): void {
    const { engine } = this.#parts;
    engine.transact(tx, () => {
      const run = engine.get(runId);
      if (run === undefined) return;
      engine.apply(tx, run, event);
      this.dispatchReady(tx, run.workerId);
    });
  }

  /** Ends attempts that lost their lease while they ran, and has the worker kill them. */
  revoke(tx: Tx, run: ActiveRun, revoked: readonly Revoked[]): void {
    const reason = run.machine.error ?? "it was cancelled";
    const tasks = revoked.map(({ index, attempt, lease }) => {
      this.#parts.runs.endAttempt(run.runId, { index, attempt, lease }, {
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
    this.#parts.channel.cancel(tx, run.workerId, { tasks, reason });
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

  /** The open runs of a worker, the most urgent first. */
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
    return runs.sort(byUrgency);
  }

  /** Why the policy doesn't let a task start, or undefined when it does. */
  #refusalOf(machine: RunMachine, index: number): string | undefined {
    const grant = this.#parts.grants.forTask(machine.spec, taskToDo(machine, index));
    return "refusal" in grant ? grant.refusal : undefined;
  }

  #claim(tx: Tx, { run, index, worker }: Claim): TaskDispatch {
    const { engine, runs } = this.#parts;
    const lease = crypto.randomUUID();
    engine.apply(tx, run, { type: "claim", index, lease });
    const { attempt } = nodeAt(run.machine, index);
    runs.beginAttempt(tx, run.runId, {
      task_index: index,
      attempt,
      kind: isRollingBack(run.machine) ? "rollback" : "task",
      lease,
      worker_id: run.workerId,
      instance: worker.instance,
    });
    const task_id = specAt(run.machine, index).id;
    return this.#dispatchOf(run, index, { run_id: run.runId, task_id, attempt, lease });
  }

  #dispatchOf(run: ActiveRun, index: number, ref: AttemptRef): TaskDispatch {
    const { spec } = run.machine;
    const task = taskToDo(run.machine, index);
    const grant = this.#parts.grants.forTask(spec, task);
    if ("refusal" in grant) throw new Error(grant.refusal);
    const { maxTimeoutMs: _cap, ...given } = grant;
    return {
      ...ref,
      ...given,
      dag_id: spec.dag_id,
      work: workOf(task),
      env: { ...spec.env, ...task.env },
      inputs: this.#inputsOf(run, inputsFrom(run.machine, index)),
      timeout_ms: task.timeout === undefined ? null : durationMs(task.timeout),
    };
  }

  #inputsOf(run: ActiveRun, dependencies: readonly string[]): TaskDispatch["inputs"] {
    const indexes = dependencies.map((id) => run.indexOf.get(id) ?? -1)
      .filter((index) => run.machine.tasks[index]?.hasOutputs === true);
    if (indexes.length === 0) return {};
    const inputs: TaskDispatch["inputs"] = {};
    for (const [index, text] of this.#parts.runs.outputsOf(run.runId, indexes)) {
      inputs[run.machine.spec.tasks[index]?.id ?? ""] = JSON.parse(text);
    }
    return inputs;
  }
}

type Revoked = Extract<RunEffect, { readonly type: "revoke" }>;

/** What an attempt at a task carries out now: the task, or its rollback. */
function taskToDo(machine: RunMachine, index: number): TaskSpec {
  const task = specAt(machine, index);
  return isRollingBack(machine) ? rollbackTask(task) : task;
}

/** The tasks whose outputs an attempt gets. A rollback gets those of what it rolls back as well. */
function inputsFrom(machine: RunMachine, index: number): readonly string[] {
  const { id, depends_on } = specAt(machine, index);
  return isRollingBack(machine) ? [...depends_on, id] : depends_on;
}

interface Claim {
  readonly run: ActiveRun;
  readonly index: number;
  readonly worker: ReadyWorker;
}

/** The part of a task that the worker carries out. */
function workOf(task: TaskSpec): TaskWork {
  switch (task.type) {
    case "shell":
      return { type: "shell", command: task.command, cwd: task.cwd };
    case "deno":
      return {
        type: "deno",
        module: task.module,
        script: task.script,
        args: task.args as Extract<TaskWork, { type: "deno" }>["args"],
        cwd: task.cwd,
      };
    case "http":
      return {
        type: "http",
        request: {
          ...task.request,
          body: task.request.body as Extract<TaskWork, { type: "http" }>["request"]["body"],
        },
      };
    case "noop":
      return { type: "noop" };
    default:
      throw new Error(`a ${task.type} task is not carried out by a worker`);
  }
}
