/** The dag-executor skill: `dag:execute` makes a run of a confirmed version and carries it out. */
import { z } from "zod";
import type { Tx } from "../db/database.ts";
import { durationMs } from "../schema/duration.ts";
import { type Scope, workerId } from "../schema/scope.ts";
import type { Engine } from "../scheduler/engine.ts";
import type { LocalExecutor } from "../scheduler/local_executor.ts";
import type { DebtStore } from "../scheduler/debt_store.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import { keepAllBut, keepCompleted } from "../scheduler/kept_tasks.ts";
import {
  createRunMachine,
  restoreRunMachine,
  type RunMachine,
  type StoredTask,
} from "../scheduler/run_machine.ts";
import type { RunStore } from "../scheduler/run_store.ts";
import type { SpecStore } from "../scheduler/spec_store.ts";
import type { Skill, SkillEvent } from "./skill.ts";

export const DAG_EXECUTOR = "dag-executor";
export const DAG_EXECUTE = "dag:execute";

/** Data of `dag:execute`. */
export const DagExecute = z.strictObject({
  dag_id: z.string(),
  version: z.int(),
  run_id: z.string(),
  triggered_by: z.string(),
  confirmed_by: z.string().nullable(),
  /** The run that this one repeats. */
  retry_of: z.string().nullable().default(null),
  /** With `retry_of`: keep the results of the tasks that completed there. */
  keep_completed: z.boolean().default(false),
  /** With `retry_of`: keep all that ended there as it ended, but for this task. */
  only_again: z.string().nullable().default(null),
});
export type DagExecute = z.input<typeof DagExecute>;

/** What the skill works with. */
export interface DagExecutorParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly runs: RunStore;
  readonly specs: SpecStore;
  readonly debts: DebtStore;
  readonly nodeId: string;
}

export class DagExecutorSkill implements Skill {
  readonly name = DAG_EXECUTOR;
  readonly #parts: DagExecutorParts;

  constructor(parts: DagExecutorParts) {
    this.#parts = parts;
  }

  /** @returns `{run_id}` @throws when the event isn't `dag:execute` or names no such version */
  handleEvent(tx: Tx, event: SkillEvent): { run_id: string } {
    if (event.name !== DAG_EXECUTE) {
      throw new Error(`${DAG_EXECUTOR} handles ${DAG_EXECUTE}, not "${event.name}"`);
    }
    return this.#execute(tx, DagExecute.parse(event.data));
  }

  #execute(tx: Tx, order: z.output<typeof DagExecute>): { run_id: string } {
    const { engine, executor, specs, runs, nodeId } = this.#parts;
    const row = specs.load(order.dag_id, order.version);
    if (row === undefined) throw new Error(`no version ${order.version} of ${order.dag_id}`);
    const spec = specs.specOf(row);
    const { keep_completed, only_again } = order;
    const kept = keep_completed || only_again !== null ? order.retry_of : null;
    const machine = kept === null
      ? createRunMachine(spec)
      : machineWith(spec, keptOf(spec, runs.storedTasks(kept), only_again));
    return engine.transact(tx, () => {
      const run = engine.begin(tx, {
        runId: order.run_id,
        spec,
        version: order.version,
        nodeId,
        workerId: workerFor(spec.scope),
        triggeredBy: order.triggered_by,
        confirmedBy: order.confirmed_by,
        retryOf: order.retry_of,
        deadlineAt: spec.timeout === undefined ? null : tx.now + durationMs(spec.timeout),
      }, machine);
      if (kept !== null) runs.copyOutputs(kept, order.run_id);
      if (order.retry_of !== null && only_again === null) {
        const by = order.confirmed_by;
        this.#parts.debts.resolveByRetry(tx, {
          runId: order.retry_of,
          retriedBy: order.run_id,
          by,
        });
      }
      const elsewhere = notHere(spec.target_node, nodeId);
      if (elsewhere === undefined) executor.execute(tx, run);
      else engine.apply(tx, run, { type: "stop", status: "failed", reason: elsewhere });
      return { run_id: order.run_id };
    });
  }
}

function keptOf(
  spec: DagSpec,
  stored: readonly StoredTask[],
  onlyAgain: string | null,
): StoredTask[] {
  if (onlyAgain === null) return keepCompleted(spec, stored);
  return keepAllBut(stored, spec.tasks.findIndex(({ id }) => id === onlyAgain));
}

/** A new run with what it keeps of another one. */
function machineWith(spec: DagSpec, tasks: readonly StoredTask[]): RunMachine {
  return restoreRunMachine(spec, { status: "queued", held: false, error: null, tasks });
}

/** Why a run can't be carried out on this node, or undefined when it can. Never here instead. */
function notHere(target: string | undefined, nodeId: string): string | undefined {
  if (target === undefined || target === "*" || target === nodeId) return undefined;
  return `it is for the node "${target}", and this node, "${nodeId}", can't hand runs over yet`;
}

/** The scope's worker, or one of the run's own where the scope asks for that. */
function workerFor(scope: Scope): string {
  if (scope.type !== "project" || scope.reuse_worker) return workerId(scope);
  return workerId(scope, crypto.randomUUID().slice(0, 8));
}
