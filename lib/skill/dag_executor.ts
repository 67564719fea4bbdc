/** The dag-executor skill: `dag:execute` makes a run of a confirmed version and carries it out. */
import { z } from "zod";
import type { Tx } from "../db/database.ts";
import { durationMs } from "../schema/duration.ts";
import { type Scope, workerId } from "../schema/scope.ts";
import { type HomeserverOutbox, NODES_OUTBOX } from "../matrix/homeserver_outbox.ts";
import { CONTENT_VERSION } from "../schema/room_events.ts";
import type { Engine } from "../scheduler/engine.ts";
import { executeBody } from "../scheduler/execute_body.ts";
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
  received: z.object({
    results: z.record(z.string(), z.unknown()),
    /** By a room: who has received it begins it when it holds it. */
    is_shared: z.boolean().default(false),
  }).nullable().default(null),
});
export type DagExecute = z.input<typeof DagExecute>;
type Order = z.output<typeof DagExecute>;

/** By a request of this node to the other one, or by the room that nodes share. */
export type WayToNode = "request" | "room";

/** What the skill works with. */
export interface DagExecutorParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly runs: RunStore;
  readonly specs: SpecStore;
  readonly debts: DebtStore;
  readonly handovers: HandoverStore;
  /** What is on its way to rooms on the homeserver. */
  readonly outbox: HomeserverOutbox;
  readonly nodeId: string;
  /** How runs get to a node, or with `*` to any one; undefined: none is known. */
  readonly wayTo: (target: string) => WayToNode | undefined;
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
    const { engine, executor, specs, runs, nodeId } = this.#parts;
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
      if (target !== undefined) this.#sendAway(tx, order.run_id, target);
      else if (order.received?.is_shared !== true) executor.execute(tx, run);
      return { run_id: order.run_id };
    });
  }

  /** Which node gets it is decided later; that it isn't this one's is so from the beginning. */
  #sendAway(tx: Tx, runId: string, target: string): void {
    const { handovers, runs, outbox, nodeId, wayTo } = this.#parts;
    if (wayTo(target) !== "room") return handovers.begin(tx, runId, target);
    const row = runs.load(runId);
    if (row === undefined) throw new Error(`the run ${runId} was not stored`);
    const body = { v: CONTENT_VERSION, target, ...executeBody(row, this.#parts) } as const;
    handovers.shared.add(tx, { origin: nodeId, body });
    outbox.add(tx, NODES_OUTBOX, { type: "io.cis.dag.execute", content: JSON.stringify(body) });
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
    return target === "*" && this.#parts.wayTo("*") === undefined ? undefined : target;
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

/** The scope's worker, or one of the run's own where the scope, or the caller, asks for that. */
export function workerFor(scope: Scope, isItsOwn = false): string {
  if (!isItsOwn && (scope.type !== "project" || scope.reuse_worker)) return workerId(scope);
  return workerId(scope, crypto.randomUUID().slice(0, 8));
}
