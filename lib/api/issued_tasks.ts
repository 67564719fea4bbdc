/** Issued tasks as the API shows them. */
import { CisError } from "../errors.ts";
import type { Node } from "../node.ts";
import { isoTime } from "../scheduler/iso_time.ts";
import { runView } from "../scheduler/run_views.ts";
import type { SpecRow } from "../scheduler/spec_store.ts";
import type { TaskView } from "../schema/api.ts";
import { ISSUED_PREFIX, type IssuedTaskView } from "../schema/issued_task.ts";
import type { Call } from "./endpoint.ts";
import { requireSeenVersion } from "./require_seen.ts";

/**
 * The issued task in the path, by its own id or that of its DAG.
 * @throws {CisError} `task_not_found`, `scope_not_allowed`
 */
export function requireIssuedTask(call: Call): SpecRow {
  const id = call.param("id");
  const { specs } = call.node;
  const row = [`${ISSUED_PREFIX}${id}`, id].map((dagId) => specs.load(dagId)).find(isIssued);
  if (row === undefined) {
    throw new CisError("task_not_found", `no task "${id}" was issued; see the list of tasks`);
  }
  requireSeenVersion(call, row);
  return row;
}

function isIssued(row: SpecRow | undefined): row is SpecRow {
  return row !== undefined && row.tasks_count === 1 && row.dag_id.startsWith(ISSUED_PREFIX);
}

/** An issued task with what became of it in its last run. */
export function issuedTaskView(node: Node, row: SpecRow): IssuedTaskView {
  const [spec] = node.specs.specOf(row).tasks;
  const last = node.runs.newestOf(row.dag_id);
  const run = last?.version === row.version ? last : undefined;
  const task = run === undefined ? undefined : runView(run, node).tasks[0];
  return {
    task_id: spec?.id ?? "",
    dag_id: row.dag_id,
    version: row.version,
    spec_hash: row.spec_hash,
    type: spec?.type ?? "noop",
    status: task?.status ?? row.status,
    reason: row.reason,
    expires_at: row.status === "waiting_confirmation" ? isoTime(row.expires_at) : null,
    run_id: run?.run_id ?? null,
    published_at: isoTime(row.published_at),
    ...outcomeOf(task),
  };
}

type Outcome = "attempts" | "exit_code" | "outputs" | "error" | "started_at" | "finished_at";

function outcomeOf(task: TaskView | undefined): Pick<IssuedTaskView, Outcome> {
  return {
    attempts: task?.attempts.length ?? 0,
    exit_code: task?.attempts.at(-1)?.exit_code ?? null,
    outputs: task?.outputs ?? null,
    error: task?.error ?? null,
    started_at: task?.started_at ?? null,
    finished_at: task?.finished_at ?? null,
  };
}
