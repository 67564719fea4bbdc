/** A database with as many finished runs as wanted, written past the node: that would take hours. */
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../lib/db/database.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";

/** Runs are spread over so many DAGs, and over as many scopes. */
const DAGS = 500;

/** Fills a new database with finished runs of two tasks each. */
export function fillRuns(path: string, runs: number): void {
  new Database(path).close();
  const sql = new DatabaseSync(path);
  sql.exec("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN");
  sql.exec(`INSERT INTO tokens (token_id, name, secret_hash, roles, created_at)
    VALUES ('tok-bench', 'bench', 'none', '["viewer"]', 0)`);
  const insert = sql.prepare(
    `INSERT INTO dag_specs (dag_id, version, spec_hash, scope_type, scope_id,
    priority, spec_json, scope_source, warnings, tasks_count, status, published_by, published_at,
    expires_at, decided_by, decided_at, run_id)
    VALUES (?, 1, ?, 'Project', ?, 'medium', ?, 'spec', '[]', 2, 'confirmed', 'tok-bench', 0, 0,
      'tok-bench', 0, 'none')`,
  );
  for (let dag = 0; dag < DAGS; dag++) {
    insert.run(`dag-${dag}`, String(dag).padStart(64, "0"), `p${dag}`, specText(dag));
  }
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${
    runs - 1
  })`;
  const id = `'dag-run-' || printf('%08x-0000-7000-8000-%012x', i / 65536, i)`;
  sql.exec(`${numbers} INSERT INTO dag_runs (run_id, dag_id, version, scope_type, scope_id, status,
      priority, node_id, worker_id, triggered_by, created_at, started_at, finished_at, total_tasks,
      completed_tasks)
    SELECT ${id}, 'dag-' || (i % ${DAGS}), 1, 'Project', 'p' || (i % ${DAGS}),
      CASE WHEN i % 1000 = 3 THEN 'cancelled' WHEN i % 20 = 1 THEN 'failed' ELSE 'completed' END,
      'medium', 'node1', 'worker-project-p' || (i % ${DAGS}), 'confirm', 1e12 + i * 1000,
      1e12 + i * 1000, 1e12 + i * 1000 + 500, 2, 2 FROM n`);
  for (const [index, task] of [[0, "a"], [1, "b"]]) {
    sql.exec(`${numbers} INSERT INTO task_runs (run_id, task_index, task_id, status, attempt,
        started_at, finished_at)
      SELECT ${id}, ${index}, '${task}', 'completed', 1, 1e12 + i * 1000, 1e12 + i * 1000 + 500
      FROM n`);
  }
  sql.exec("COMMIT; PRAGMA optimize");
  sql.close();
}

/** What is stored of a DAG: with everything that its document leaves out. */
function specText(dag: number): string {
  const parsed = parseSpecDocument({
    dag_id: `dag-${dag}`,
    scope: { type: "project", project_id: `p${dag}` },
    tasks: ["a", "b"].map((id) => ({ id, type: "noop" })),
  });
  if (!parsed.ok) throw new Error("the DAG of this benchmark is not valid");
  return JSON.stringify(parsed.spec);
}

/** The id of the run at a place among those stored. */
export function storedRunId(at: number): string {
  const head = Math.floor(at / 65536).toString(16).padStart(8, "0");
  return `dag-run-${head}-0000-7000-8000-${at.toString(16).padStart(12, "0")}`;
}
