/** Whose output is meant, and how its rows are found. */
import type { SqlValue } from "../db/database.ts";

/** Which lines: of a run (and task, and attempt), or of a worker itself. */
export type LogSource =
  | { readonly runId: string; readonly taskId?: string; readonly attempt?: number }
  | { readonly workerId: string };

/** How rows of a source are found. */
export function condition(source: LogSource): { from: string; where: string; values: SqlValue[] } {
  if ("workerId" in source) {
    return {
      from: "log_chunks INDEXED BY log_chunks_of_worker",
      where: "run_id IS NULL AND worker_id = ?",
      values: [source.workerId],
    };
  }
  // Another index would bring the rows in another order.
  const from = "log_chunks INDEXED BY log_chunks_of_run";
  const wanted = [["run_id", source.runId], ["task_id", source.taskId], ["attempt", source.attempt]]
    .flatMap(([name, value]) => value === undefined ? [] : [{ name, value }]);
  return {
    from,
    where: wanted.map(({ name }) => `${name} = ?`).join(" AND "),
    values: wanted.map(({ value }) => value),
  };
}
