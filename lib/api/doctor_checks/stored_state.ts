/** Whether what is stored fits together: states that no transition leads to, and how to repair them. */
import type { Database } from "../../db/database.ts";
import type { DoctorCheck } from "./check.ts";

/** A question whose answer has to be 0. */
interface Rule {
  readonly what: (count: number) => string;
  readonly advice: string;
  readonly sql: string;
}

const RULES: readonly Rule[] = [
  {
    what: (n) => `${n} ended runs have tasks that haven't ended`,
    advice: "restore the last backup, or report it with the run's id (deno task run list)",
    sql: `SELECT count(DISTINCT r.run_id) AS n FROM dag_runs r JOIN task_runs t USING (run_id)
      WHERE r.finished_at IS NOT NULL AND t.finished_at IS NULL`,
  },
  {
    what: (n) => `${n} attempts run although their run has ended`,
    advice: "restart the node; if it stays, restore the last backup",
    sql: `SELECT count(*) AS n FROM task_attempts a JOIN dag_runs r USING (run_id)
      WHERE a.status = 'running' AND r.finished_at IS NOT NULL`,
  },
  {
    what: (n) => `${n} runs are open although all of their tasks have ended`,
    advice: "restart the node: it takes up every open run",
    sql: `SELECT count(*) AS n FROM dag_runs r WHERE r.finished_at IS NULL AND r.status = 'running'
      AND NOT EXISTS (SELECT 1 FROM task_runs t WHERE t.run_id = r.run_id AND t.finished_at IS NULL)`,
  },
];

/** Reads the tables of runs once. */
export function storedState(db: Database): DoctorCheck {
  const found = RULES.map((rule) => ({ rule, n: db.get<{ n: number }>(rule.sql)?.n ?? 0 }))
    .filter(({ n }) => n > 0);
  if (found.length === 0) {
    return { name: "stored state", status: "ok", detail: "runs and tasks agree", advice: null };
  }
  return {
    name: "stored state",
    status: "failed",
    detail: found.map(({ rule, n }) => rule.what(n)).join("; "),
    advice: found.map(({ rule }) => rule.advice).join("; "),
  };
}
