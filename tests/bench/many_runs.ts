/** Lists and pages of runs while a million finished runs are stored, and memory of waiting tasks. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { RunList } from "../../lib/schema/api.ts";
import { Database } from "../../lib/db/database.ts";
import { inDirectory } from "./directory.ts";
import { residentBytes } from "./memory.ts";
import { type NodeProcess, publishAndConfirm, startNode } from "../helpers/node_process.ts";

/** One line of the table: what, how much, what it should be. */
export type Note = (name: string, value: string, aim?: string) => void;

const RUNS = 1_000_000;
/** Runs are spread over so many DAGs, and over as many scopes. */
const DAGS = 500;
const ROUNDS = 60;
const AIM = "p95 < 20 ms";

/** `runs`: fewer for a try. */
export async function benchManyRuns(
  note: Note,
  { runs = RUNS }: { runs?: number } = {},
): Promise<void> {
  await inDirectory(async (dir) => {
    fill(join(dir, "cis.db"), runs);
    const node = await startNode(dir);
    try {
      const middle = runIdOf(Math.floor(runs / 2));
      const token = { authorization: `Bearer ${node.token}` };
      const paths: readonly [string, string][] = [
        ["list of runs, first page", "/api/v1/runs"],
        ["list of runs, of one state that is rare", "/api/v1/runs?status=cancelled"],
        ["list of runs, of one DAG", "/api/v1/runs?dag_id=dag-7"],
        ["list of runs, of one scope", "/api/v1/runs?scope=project:p7"],
        ["list of runs, behind a cursor in the middle", await cursorPath(node)],
        ["one run", `/api/v1/runs/${middle}`],
      ];
      for (const [name, path] of paths) {
        note(`${name}, ${runs} stored`, await p95(node.url + path, token), AIM);
      }
      for (const path of ["/runs", `/runs/${middle}`]) {
        const cookie = await sessionCookie(node);
        note(
          `page ${path.slice(0, 20)}, ${runs} stored`,
          await p95(node.url + path, { cookie }),
          AIM,
        );
      }
    } finally {
      await node.stop();
    }
  });
}

/** How much memory a node takes while 100,000 tasks are pending, over ten runs that are paused. */
export async function benchPendingTasks(note: Note): Promise<void> {
  await inDirectory(async (dir) => {
    const node = await startNode(dir);
    try {
      const before = await residentBytes(node.pid);
      for (let at = 0; at < 10; at++) {
        const doc = {
          dag_id: `wide-${at}`,
          scope: { type: "global" },
          // For a node that doesn't exist: nothing of it is ever started.
          target_node: "nobody",
          tasks: Array.from({ length: 10_000 }, (_, task) => ({ id: `t${task}`, type: "noop" })),
        };
        await publishAndConfirm(node.client, doc);
      }
      const grown = await residentBytes(node.pid) - before;
      note("memory while 100,000 tasks are pending", `${(grown / 1e6).toFixed(0)} MB more`);
    } finally {
      await node.stop();
    }
  });
}

/** Fills a new database with finished runs of two tasks each. */
function fill(path: string, runs: number): void {
  new Database(path).close();
  const sql = new DatabaseSync(path);
  sql.exec("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN");
  sql.exec(`INSERT INTO tokens (token_id, name, secret_hash, roles, created_at)
    VALUES ('tok-bench', 'bench', 'none', '["viewer"]', 0)`);
  const spec = (dag: number): string =>
    JSON.stringify({
      dag_id: `dag-${dag}`,
      scope: { type: "project", project_id: `p${dag}`, reuse_worker: true },
      priority: "medium",
      policy: "all_success",
      max_parallel: 8,
      env: {},
      tasks: ["a", "b"].map((id) => ({ id, type: "noop", depends_on: [], env: {} })),
    });
  const insert = sql.prepare(
    `INSERT INTO dag_specs (dag_id, version, spec_hash, scope_type, scope_id,
    priority, spec_json, scope_source, warnings, tasks_count, status, published_by, published_at,
    expires_at, decided_by, decided_at, run_id)
    VALUES (?, 1, ?, 'Project', ?, 'medium', ?, 'spec', '[]', 2, 'confirmed', 'tok-bench', 0, 0,
      'tok-bench', 0, 'none')`,
  );
  for (let dag = 0; dag < DAGS; dag++) {
    insert.run(`dag-${dag}`, String(dag).padStart(64, "0"), `p${dag}`, spec(dag));
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

function runIdOf(at: number): string {
  const head = Math.floor(at / 65536).toString(16).padStart(8, "0");
  return `dag-run-${head}-0000-7000-8000-${at.toString(16).padStart(12, "0")}`;
}

async function cursorPath({ client }: NodeProcess): Promise<string> {
  let cursor: string | null = null;
  for (let page = 0; page < 20; page++) {
    const list: RunList = dataOf(
      await client.listRuns({ limit: 500, ...(cursor === null ? {} : { cursor }) }),
    );
    cursor = list.next_cursor;
  }
  return `/api/v1/runs?cursor=${encodeURIComponent(cursor ?? "")}`;
}

async function sessionCookie({ client }: NodeProcess): Promise<string> {
  const { url } = dataOf(await client.signInLink());
  const answer = await fetch(url, { redirect: "manual" });
  await answer.body?.cancel();
  let cookie = answer.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) {
    // The link opens a page whose button signs in.
    const ticket = new URL(url).searchParams.get("ticket") ?? "";
    const origin = new URL(url).origin;
    const posted = await fetch(`${origin}/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers: { origin },
      body: new URLSearchParams({ ticket }),
    });
    await posted.body?.cancel();
    cookie = posted.headers.get("set-cookie")?.split(";")[0];
  }
  return cookie ?? "";
}

async function p95(url: string, headers: Record<string, string>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const response = await fetch(url, { headers });
    await response.text();
    if (!response.ok) return `answered ${response.status}`;
    // The first ones fill caches, as those of a node that has run for a while are.
    if (round >= 5) times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return `${(times[Math.floor(times.length * 0.95)] ?? NaN).toFixed(1)} ms`;
}
