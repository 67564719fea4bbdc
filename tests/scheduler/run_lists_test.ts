/** That a page of runs is read by an index and in order, whatever is asked for: nothing is sorted. */
import assert from "node:assert/strict";
import type { RunFilter } from "../../lib/scheduler/run_store.ts";
import { RunStore } from "../../lib/scheduler/run_store.ts";
import { Database } from "../../lib/db/database.ts";

const FILTERS: readonly [string, Omit<RunFilter, "limit">][] = [
  ["everything", {}],
  ["behind a cursor", { before: { createdAt: 1, runId: "x" } }],
  ["a state", { status: "failed" }],
  ["a DAG", { dagId: "d" }],
  ["a scope", { scope: { scope_type: "Project", scope_id: "p" } }],
  ["since a time", { since: 1 }],
  ["a state behind a cursor", { status: "failed", before: { createdAt: 1, runId: "x" } }],
];

/** What SQLite plans depends on what it has counted: many runs of few DAGs. */
function fillAndCount(db: Database): void {
  db.run(`INSERT INTO tokens (token_id, name, secret_hash, roles, created_at)
    VALUES ('t', 't', 't', '[]', 0)`);
  for (let dag = 0; dag < 500; dag++) {
    db.run(
      `INSERT INTO dag_specs (dag_id, version, spec_hash, scope_type, scope_id, priority, spec_json,
        scope_source, warnings, tasks_count, status, published_by, published_at, expires_at,
        decided_by, decided_at, run_id)
       VALUES (?, 1, ?, 'Project', 'p', 'medium', '{}', 'spec', '[]', 1, 'confirmed', 't', 0, 0,
        't', 0, 'r')`,
      `d${dag}`,
      String(dag).padStart(64, "0"),
    );
  }
  db.run(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
    INSERT INTO dag_runs (run_id, dag_id, version, scope_type, scope_id, status, priority, node_id,
      worker_id, triggered_by, created_at, finished_at, total_tasks)
    SELECT 'r' || i, 'd' || (i % 500), 1, 'Project', 'p' || (i % 500), 'completed', 'medium', 'n', 'w',
      'run', i, i, 1 FROM n`);
  db.run("ANALYZE");
}

Deno.test("every list of runs is read by an index, and in order", async (t) => {
  using db = new Database(":memory:");
  fillAndCount(db);
  for (const [name, filter] of FILTERS) {
    await t.step(name, () => requireIndexed(db, filter));
  }
});

function requireIndexed(db: Database, filter: Omit<RunFilter, "limit">): void {
  let plan = "";
  const spy = new RunStore(
    Object.assign(Object.create(db), {
      all: (sql: string, ...values: (string | number | null)[]) => {
        plan = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
          .map(({ detail }) => detail).join("\n");
        return [];
      },
    }) as Database,
  );
  spy.list({ ...filter, limit: 50 });
  assert.match(plan, /^(SEARCH|SCAN) r USING (COVERING )?INDEX dag_runs_by_/, plan);
  assert.doesNotMatch(plan, /TEMP B-TREE|SCAN s/, plan);
}
