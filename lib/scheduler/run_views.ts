/** Runs and DAGs as the API shows them. */
import type { DagStatus, RunSummary, RunView, TaskView } from "../schema/api.ts";
import type { LateResult } from "../schema/run_view.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { DebtStore } from "./debt_store.ts";
import type { DecisionStore } from "./decision_store.ts";
import { debtView, decisionView } from "./decision_views.ts";
import { isoTime } from "./iso_time.ts";
import type { AttemptRow } from "./attempt_store.ts";
import type { RunRow, RunStore, TaskRow } from "./run_store.ts";
import { type SpecRow, type SpecStore, versionView } from "./spec_store.ts";

/** A run without its tasks. */
export function runSummary(row: RunRow, spec: DagSpec): RunSummary {
  return {
    run_id: row.run_id,
    dag_id: row.dag_id,
    version: row.version,
    spec_hash: row.spec_hash,
    status: row.status,
    scope: spec.scope,
    worker_id: row.worker_id,
    node_id: row.node_id,
    priority: row.priority,
    triggered_by: row.triggered_by,
    confirmed_by: row.confirmed_by_name,
    retry_of: row.retry_of,
    created_at: isoTime(row.created_at),
    started_at: isoTime(row.started_at),
    finished_at: isoTime(row.finished_at),
    error: row.error,
    completed_tasks: row.completed_tasks,
    total_tasks: row.total_tasks,
  };
}

/** What a run's view is made of. */
export interface RunViewSources {
  readonly specs: SpecStore;
  readonly runs: RunStore;
  readonly decisions: DecisionStore;
  readonly debts: DebtStore;
}

/** A run with its tasks and their attempts. */
export function runView(
  row: RunRow,
  { specs, runs, decisions, debts }: RunViewSources,
): RunView {
  const spec = specs.specOf(row);
  const attempts = new Map<number, AttemptRow[]>();
  for (const attempt of runs.attempts.of(row.run_id)) {
    const list = attempts.get(attempt.task_index);
    if (list === undefined) attempts.set(attempt.task_index, [attempt]);
    else list.push(attempt);
  }
  const tasks = runs.tasks(row.run_id).map((task) =>
    taskView(task, spec.tasks[task.task_index], attempts.get(task.task_index) ?? [])
  );
  const queue = { pending: 0, ready: 0, running: 0 };
  return {
    ...runSummary(row, spec),
    waiting: null,
    queue,
    tasks,
    decisions: decisions.ofRun(row.run_id).map((one) => decisionView(one, decisions)),
    debts: debts.ofRun(row.run_id).map(debtView),
  };
}

function taskView(
  row: TaskRow,
  spec: DagSpec["tasks"][number] | undefined,
  attempts: readonly AttemptRow[],
): TaskView {
  return {
    task_id: row.task_id,
    name: spec?.name ?? null,
    type: spec?.type ?? "noop",
    status: row.status,
    depends_on: spec?.depends_on ?? [],
    outputs: row.outputs === null ? null : JSON.parse(row.outputs) as TaskView["outputs"],
    error: row.error,
    started_at: isoTime(row.started_at),
    finished_at: isoTime(row.finished_at),
    retry_at: isoTime(row.retry_at),
    waiting: null,
    rollback: row.rollback,
    attempts: attempts.map((attempt) => ({
      attempt: attempt.attempt,
      kind: attempt.kind,
      status: attempt.status,
      worker_id: attempt.worker_id,
      started_at: isoTime(attempt.started_at),
      finished_at: isoTime(attempt.finished_at),
      exit_code: attempt.exit_code,
      error: attempt.error,
      error_code: attempt.error_code,
      late_result: attempt.late_result === null
        ? null
        : JSON.parse(attempt.late_result) as LateResult,
    })),
  };
}

/** How a DAG stands: its newest version and its last run. */
export function dagStatus(
  version: SpecRow,
  { specs, runs }: { specs: SpecStore; runs: RunStore },
): DagStatus {
  const spec = specs.specOf(version);
  const row = runs.newestOf(version.dag_id);
  const last = row === undefined ? null : runSummary(row, specs.specOf(row));
  const current = last !== null && last.version === version.version ? last : null;
  return {
    dag_id: version.dag_id,
    version: version.version,
    spec_hash: version.spec_hash,
    status: current?.status ?? version.status,
    version_status: version.status,
    reason: version.reason,
    expires_at: version.status === "waiting_confirmation" ? isoTime(version.expires_at) : null,
    last_run: last,
    completed_tasks: current?.completed_tasks ?? 0,
    total_tasks: version.tasks_count,
    raw_data: { ...versionView(version, spec) },
  };
}
