/** Looks things up for somebody, as far as they may see them. */
import { requireScope } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import { requireDecision } from "../scheduler/answer_decision.ts";
import type { DebtRow } from "../scheduler/debt_store.ts";
import type { DecisionRow } from "../scheduler/decision_store.ts";
import { requireDebt } from "../scheduler/resolve_debt.ts";
import { requireRun } from "../scheduler/run_actions.ts";
import type { RunRow } from "../scheduler/run_store.ts";
import type { SpecRow } from "../scheduler/spec_store.ts";
import { fromDbFields, scopeKey } from "../schema/scope.ts";
import type { WorkerSnapshot } from "../worker/worker_snapshot.ts";
import type { Call } from "./endpoint.ts";

/** The DAG in the path: its newest version, or a given one. @throws {CisError} `dag_not_found` */
export function requireDag(call: Call, version?: number): SpecRow {
  const dagId = call.param("id");
  const row = call.node.specs.load(dagId, version);
  if (row === undefined) {
    const what = version === undefined
      ? `DAG "${dagId}"`
      : `version ${version} of a DAG "${dagId}"`;
    throw new CisError("dag_not_found", `there is no ${what}; see the list of DAGs`);
  }
  requireSeenVersion(call, row);
  return row;
}

/** Throws unless a version belongs to a scope of the caller's. @throws {CisError} */
export function requireSeenVersion(
  { node, principal }: Pick<Call, "node" | "principal">,
  row: SpecRow,
): void {
  requireScope(principal, scopeKey(node.specs.specOf(row).scope));
}

/** What it takes to look something up for somebody; a page has it as well. */
export type Lookup = Pick<Call, "node" | "principal" | "param">;

/** The run in the path. @throws {CisError} `run_not_found` */
export function requireSeenRun(call: Lookup): RunRow {
  const row = requireRun(call.node.runs, call.param("run_id"));
  requireScope(call.principal, scopeKey(fromDbFields(row)));
  return row;
}

/** The task in the path. @throws {CisError} `run_not_found`, `task_not_found` */
export function requireSeenTask(call: Lookup): { run: RunRow; taskId: string } {
  const run = requireSeenRun(call);
  const taskId = call.param("task_id");
  if (call.node.specs.specOf(run).tasks.some((task) => task.id === taskId)) return { run, taskId };
  throw new CisError("task_not_found", `the run ${run.run_id} has no task "${taskId}"`);
}

/** The decision in the path. @throws {CisError} `decision_not_found` */
export function requireSeenDecision(call: Call): DecisionRow {
  const row = requireDecision(call.node.decisions, call.param("id"));
  requireScope(call.principal, scopeKey(fromDbFields(row)));
  return row;
}

/** The debt in the path. @throws {CisError} `debt_not_found` */
export function requireSeenDebt(call: Call): DebtRow {
  const row = requireDebt(call.node.debts, call.param("id"));
  requireScope(call.principal, scopeKey(fromDbFields(row)));
  return row;
}

/** The worker in the path. @throws {CisError} `worker_not_found` */
export function requireWorker(call: Call): WorkerSnapshot {
  const worker = call.node.supervisor.get(call.param("id"));
  requireScope(call.principal, scopeKey(worker.scope));
  return worker;
}
