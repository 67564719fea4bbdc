/** The dag-executor skill: `dag:execute` makes a run of a confirmed version and carries it out. */
import { z } from "zod";
import type { Tx } from "../db/database.ts";
import { durationMs } from "../schema/duration.ts";
import { type Scope, workerId } from "../schema/scope.ts";
import type { Engine } from "../scheduler/engine.ts";
import type { LocalExecutor } from "../scheduler/local_executor.ts";
import type { DebtStore } from "../scheduler/debt_store.ts";
import type { HandoverStore } from "../scheduler/handover_store.ts";
import { keepAllBut, keepCompleted, keepResults } from "../scheduler/kept_tasks.ts";
import type { StoredTask } from "../scheduler/run_machine.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
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
  /** With `keep_completed`: this task and what depends on it run again all the same. */
  rerun: z.string().nullable().default(null),
  /** With `retry_of`: keep all that ended there as it ended, but for this task. */
  only_again: z.string().nullable().default(null),
  /** Another node has handed it over, with the outputs of tasks that have completed already. */
  received: z.object({ results: z.record(z.string(), z.unknown()) }).nullable().default(null),
});
export type DagExecute = z.input<typeof DagExecute>;
type Order = z.output<typeof DagExecute>;

/** What the skill works with. */
export interface DagExecutorParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly runs: RunStore;
  readonly specs: SpecStore;
  readonly debts: DebtStore;
  readonly handovers: HandoverStore;
  readonly nodeId: string;
  /** Whether there are other nodes that a run for any one node could go to. */
  readonly hasPeers: boolean;
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

  #execute(tx: Tx, order: Order): { run_id: string } {
    const { engine, executor, specs, runs, handovers, nodeId } = this.#parts;
    const row = specs.load(order.dag_id, order.version);
    if (row === undefined) throw new Error(`no version ${order.version} of ${order.dag_id}`);
    const spec = specs.specOf(row);
    const target = order.received === null ? this.#targetElsewhere(spec) : undefined;
    const kept = order.keep_completed || order.only_again !== null ? order.retry_of : null;
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
        // The time of a run counts where it is carried out.
        deadlineAt: target === undefined ? deadlineOf(spec, tx.now) : null,
      }, this.#tasksFor(spec, { order, kept }));
      if (kept !== null) runs.copyOutputs(kept, order.run_id);
      saveResults(runs, { runId: order.run_id, spec, results: order.received?.results ?? {} });
      this.#settleDebts(tx, order);
      if (target === undefined) executor.execute(tx, run);
      else handovers.begin(tx, order.run_id, target);
      return { run_id: order.run_id };
    });
  }

  /** What the run takes over; undefined: nothing, it begins from the start. */
  #tasksFor(
    spec: DagSpec,
    { order, kept }: { order: Order; kept: string | null },
  ): StoredTask[] | undefined {
    if (kept !== null) return tasksOf(spec, this.#parts.runs.storedTasks(kept), order);
    return order.received === null ? undefined : keepResults(spec, order.received.results);
  }

  /** A retry takes the place of the run that it is of, and so it settles what that left open. */
  #settleDebts(tx: Tx, { run_id, retry_of, only_again, confirmed_by }: Order): void {
    if (retry_of === null || only_again !== null) return;
    const by = confirmed_by;
    this.#parts.debts.resolveByRetry(tx, { runId: retry_of, retriedBy: run_id, by });
  }

  /** The node that a run is for, `*` for any one, or undefined when it is this node's. */
  #targetElsewhere({ target_node: target }: DagSpec): string | undefined {
    if (target === undefined || target === this.#parts.nodeId) return undefined;
    return target === "*" && !this.#parts.hasPeers ? undefined : target;
  }
}

/** When a run that begins now has taken too long; null: never. */
export function deadlineOf(spec: DagSpec, now: number): number | null {
  return spec.timeout === undefined ? null : now + durationMs(spec.timeout);
}

function tasksOf(
  spec: DagSpec,
  stored: readonly StoredTask[],
  { rerun, only_again }: Order,
): StoredTask[] {
  if (only_again === null) return keepCompleted(spec, stored, rerun);
  return keepAllBut(stored, spec.tasks.findIndex(({ id }) => id === only_again));
}

function saveResults(
  runs: RunStore,
  { runId, spec, results }: { runId: string; spec: DagSpec; results: Record<string, unknown> },
): void {
  spec.tasks.forEach(({ id }, index) => {
    const outputs = results[id] ?? null;
    if (outputs !== null) runs.saveOutputs(runId, index, JSON.stringify(outputs));
  });
}

/** The scope's worker, or one of the run's own where the scope asks for that. */
function workerFor(scope: Scope): string {
  if (scope.type !== "project" || scope.reuse_worker) return workerId(scope);
  return workerId(scope, crypto.randomUUID().slice(0, 8));
}
