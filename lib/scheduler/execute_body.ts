/** A run as another node is told of it. */
import type { ExecuteBody } from "../schema/handover.ts";
import type { RunRow, RunStore } from "./run_store.ts";
import type { SpecStore } from "./spec_store.ts";

/** What there is to carry out, with the outputs of what has completed already. */
export function executeBody(
  run: RunRow,
  { specs, runs }: { readonly specs: SpecStore; readonly runs: RunStore },
): Omit<ExecuteBody, "origin" | "offer"> & Required<Pick<ExecuteBody, "results">> {
  const results: NonNullable<ExecuteBody["results"]> = {};
  for (const task of runs.tasks(run.run_id)) {
    if (task.status !== "completed") continue;
    results[task.task_id] = task.outputs === null ? null : JSON.parse(task.outputs);
  }
  return {
    run_id: run.run_id,
    spec: specs.specOf(run) as unknown as ExecuteBody["spec"],
    spec_hash: run.spec_hash,
    triggered_by: run.triggered_by,
    confirmed_by: run.confirmed_by_name,
    results,
  };
}
