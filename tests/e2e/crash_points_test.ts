/**
 * The node kills itself at named points, 200 times in all: between statements of a transaction, and
 * between a commit and what follows from it. Whatever it was doing, nothing is lost and nothing is
 * done twice. Real processes, real workers, real shells; who asked asks again until there is an answer.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createClient } from "../../lib/api/client.ts";
import type { ConfigFile } from "../../lib/config.ts";
import { MortalNode } from "../helpers/mortal_node.ts";
import { waitForEnd } from "../helpers/node_process.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const MARK = 'echo "$CIS_RUN_ID $CIS_TASK_ID $CIS_ATTEMPT" >> "$MARKS"; echo n=1 > "$CIS_OUTPUT"';
/** What a node can be doing while runs are begun and carried out; each with a death in and after it. */
const AT_WORK = [
  ...["publish", "confirm", "begin_run", "keep_answer", "ask", "decide", "dispatch", "result"],
  ...["outputs", "debt", "end_run", "worker_ready"],
].flatMap((doing) => [`${doing} after`, `${doing} committed`]);
const ROUNDS_AT_WORK = 148;

/** Runs `use` with a node that is stopped at the end. */
async function withMortalNode(
  use: (node: MortalNode) => Promise<void>,
  config?: Partial<ConfigFile>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const node = new MortalNode(dir, config);
    try {
      await use(node);
    } finally {
      await node.stop();
    }
  });
}

function query<T>({ dataDir }: MortalNode, sql: string): T[] {
  const db = new DatabaseSync(join(dataDir, "cis.db"), { readOnly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

function count(node: MortalNode, from: string): number {
  return query<{ n: number }>(node, `SELECT count(*) AS n FROM ${from}`)[0]?.n ?? -1;
}

/** Fails when a query finds anything. */
function none(node: MortalNode, sql: string, what: string): void {
  assert.deepEqual(query(node, sql), [], what);
}

function checkSound(node: MortalNode): void {
  none(node, "PRAGMA foreign_key_check", "rows that point at nothing");
  const [found] = query<{ integrity_check: string }>(node, "PRAGMA integrity_check");
  assert.equal(found?.integrity_check, "ok");
}

/** Waits until all runs have ended. */
async function allEnded(node: MortalNode): Promise<void> {
  const token = (await Deno.readTextFile(join(node.dataDir, "owner.token"))).trim();
  const client = createClient({ baseUrl: await node.url(), token });
  for (const { run_id } of query<{ run_id: string }>(node, "SELECT run_id FROM dag_runs")) {
    const run = await waitForEnd(client, run_id, 60_000);
    assert.equal(run.status, "completed", run.error ?? "");
  }
}

/** A yes, two tasks that leave a line each time that they are carried out, and one that fails. */
function workingDag(dag_id: string, marks: string): object {
  const shell = { type: "shell", command: MARK };
  return {
    dag_id,
    env: { MARKS: marks },
    tasks: [
      { id: "gate", type: "approval" },
      { id: "a", ...shell, depends_on: ["gate"] },
      { id: "b", ...shell, depends_on: ["a"] },
      { id: "c", type: "shell", command: "exit 3", on_failure: "ignorable", depends_on: ["a"] },
      { id: "end", type: "noop", depends_on: ["b", "c"] },
    ],
  };
}

/** Publishes, confirms and runs again, with a yes for each run. @returns the runs */
async function person(node: MortalNode, dag: { id: string; marks: string }): Promise<string[]> {
  const body = workingDag(dag.id, dag.marks);
  const { spec_hash } = await node.ask<{ spec_hash: string }>({
    path: "/api/v1/dag/publish",
    body,
  });
  const path = `/api/v1/dag/${dag.id}`;
  const first = await node.ask<{ run_id: string }>({
    path: `${path}/confirm`,
    body: { spec_hash },
  });
  const key = `again ${dag.id}`;
  const second = await node.ask<{ run_id: string }>({ path: `${path}/run`, body: {}, key });
  const runs = [first.run_id, second.run_id];
  for (const run of runs) {
    const { decisions } = await node.ask<{ decisions: { decision_id: string }[] }>({
      path: `/api/v1/decisions?run=${run}`,
    });
    assert.equal(decisions.length, 1, "it is asked once");
    await node.ask({ path: `/api/v1/decisions/${decisions[0]?.decision_id}/approve`, body: {} });
  }
  return runs;
}

Deno.test("wherever the node dies at its work, nothing is lost and nothing is done twice", async () => {
  // Two at a time: a round is mostly the start of one process.
  await Promise.all([0, 1].map((part) => withMortalNode((node) => workAndDie(node, part))));
});

async function workAndDie(node: MortalNode, part: number): Promise<void> {
  const workspace = join(node.dataDir, "workspaces", "global");
  await Deno.mkdir(workspace, { recursive: true });
  const marks = join(workspace, "marks");
  const told: string[] = [];
  let [dags, isOver] = [0, false];
  const work = async (name: string): Promise<void> => {
    for (let n = 0; !isOver; n++, dags++) {
      told.push(...await person(node, { id: `${name}-${n}`, marks }));
    }
  };
  let people: Promise<unknown> | undefined;
  for (let round = part; round < ROUNDS_AT_WORK; round += 2) {
    const at = AT_WORK[(round >> 1) % AT_WORK.length] ?? "";
    await node.start({ at, nth: 1 + round % 3 });
    people ??= Promise.all(["ann", "bob"].map(work));
    await Promise.race([node.died(), people]);
  }
  isOver = true;
  await node.start();
  await people;
  await allEnded(node);
  await node.stop();
  checkSound(node);
  const runs = query<{ run_id: string }>(node, "SELECT run_id FROM dag_runs");
  assert.deepEqual(runs.map(({ run_id }) => run_id).sort(), told.sort(), "runs");
  assert.equal(count(node, "dag_specs"), dags, "a version was made twice");
  assert.equal(count(node, "dag_runs WHERE triggered_by = 'run'"), dags);
  assert.equal(count(node, "decisions WHERE status = 'approved'"), 2 * dags);
  assert.equal(count(node, "decisions"), 2 * dags);
  assert.equal(count(node, "debts"), 2 * dags);
  checkDone(node, marks);
}

/** Disk and database agree on what was done, and how often. */
function checkDone(node: MortalNode, marks: string): void {
  const done = Deno.readTextFileSync(marks).trim().split("\n");
  assert.equal(new Set(done).size, done.length, "an attempt was carried out twice");
  const counted = query<{ key: string }>(
    node,
    `SELECT run_id || ' ' || task_id || ' ' || a.attempt AS key
     FROM task_attempts a JOIN task_runs USING (run_id, task_index)
     WHERE a.status = 'completed' AND task_id IN ('a', 'b')`,
  ).map(({ key }) => key);
  assert.equal(counted.length, 2 * count(node, "dag_runs"), "a task completed twice, or never");
  assert.deepEqual(counted.filter((key) => !done.includes(key)), [], "counted, and not done");
  none(
    node,
    `SELECT run_id, task_id FROM events WHERE type IN ('task.completed', 'task.debt')
     GROUP BY run_id, task_id HAVING count(*) <> 1`,
    "told twice",
  );
  none(
    node,
    `SELECT 1 FROM task_attempts a JOIN task_attempts b USING (run_id, task_index)
     WHERE a.status = 'completed' AND b.attempt > a.attempt`,
    "run again after it had completed",
  );
}

Deno.test("a time of a schedule begins one run, wherever the node dies", async () => {
  await withMortalNode(async (node) => {
    await node.start();
    const schedule = { cron: "* * * * * *", overlap: "allow" };
    const body = { dag_id: "d", schedule, tasks: [{ id: "a", type: "noop" }] };
    const { spec_hash } = await node.ask<{ spec_hash: string }>({
      ...{ path: "/api/v1/dag/publish", body },
    });
    await node.ask({ path: "/api/v1/dag/d/confirm", body: { spec_hash } });
    await node.stop();
    for (let round = 0; round < 16; round++) {
      await node.start({ at: round % 2 === 0 ? "schedule after" : "schedule committed" });
      await node.died();
    }
    await node.start();
    await node.ask({ path: "/api/v1/dag/d/schedule", body: { enabled: false } });
    await allEnded(node);
    await node.stop();
    checkSound(node);
    const begun = count(node, "dag_runs WHERE triggered_by = 'schedule'");
    assert.ok(begun >= 8, `${begun} runs`);
    assert.equal(count(node, "scheduled_times WHERE outcome = 'started'"), begun);
    assert.equal(count(node, "(SELECT DISTINCT run_id FROM scheduled_times)"), begun);
    none(node, "SELECT 1 FROM scheduled_times WHERE outcome <> 'started'", "times were left out");
  });
});

Deno.test("a run is pruned with all that belongs to it or not at all, wherever the node dies", async () => {
  await withTempDir(async (dir) => {
    const before = new MortalNode(dir);
    await before.start();
    const body = { dag_id: "d", tasks: [{ id: "a", type: "noop" }] };
    const { spec_hash } = await before.ask<{ spec_hash: string }>({
      ...{ path: "/api/v1/dag/publish", body },
    });
    await before.ask({ path: "/api/v1/dag/d/confirm", body: { spec_hash } });
    for (let n = 0; n < 9; n++) {
      await before.ask({ path: "/api/v1/dag/d/run", body: {}, key: `${n}` });
    }
    await allEnded(before);
    await before.stop();
    const newest = query(before, "SELECT run_id FROM dag_runs ORDER BY created_at DESC LIMIT 1");
    const node = new MortalNode(dir, { keep_runs_per_dag: 1 });
    for (let round = 0; round < 7; round++) {
      await node.start({ at: "prune after", nth: 1 + round });
      await node.died();
      assert.equal(count(node, "dag_runs"), 10, "undone with the transaction");
      none(node, ORPHANS, "rows of no run");
    }
    await node.start({ at: "prune committed", nth: 1 });
    await node.died();
    none(node, ORPHANS, "rows of no run");
    await node.start();
    await node.url();
    await node.stop();
    checkSound(node);
    none(node, ORPHANS, "rows of no run");
    assert.deepEqual(query(node, "SELECT run_id FROM dag_runs"), newest);
  });
});

const ORPHANS = `SELECT run_id FROM events WHERE run_id IS NOT NULL
  AND run_id NOT IN (SELECT run_id FROM dag_runs)`;

Deno.test("a migration is applied or not, wherever the node dies", async () => {
  await withMortalNode(async (node) => {
    const versions: number[] = [];
    for (let round = 0; round < 18; round++) {
      await node.start({ at: round % 2 === 0 ? "migrate before" : "migrate committed" });
      await node.died();
      versions.push(
        query<{ user_version: number }>(node, "PRAGMA user_version")[0]?.user_version ?? -1,
      );
      checkSound(node);
    }
    const steps = versions.filter((version, at) => version !== (versions[at - 1] ?? 0));
    assert.equal(steps.length, 9, `${versions}`);
    assert.deepEqual(
      versions.filter((_, at) => at % 2 === 0),
      [0, ...steps.slice(0, -1)],
      "undone",
    );
    await node.start();
    const health = await node.ask<{ status: string }>({ path: "/health" });
    assert.equal(health.status, "ok");
  });
});

Deno.test("a backup is whole or not there, wherever the node dies", async () => {
  await withMortalNode(async (node) => {
    for (let round = 0; round < 10; round++) {
      await node.start({ at: round % 2 === 0 ? "backup before" : "backup after" });
      const asked = node.ask<{ path: string }>({ path: "/api/v1/backup", body: {} });
      await node.died();
      assert.deepEqual(backupsIn(node), [], "half a backup");
      await node.start();
      const { path } = await asked;
      await node.stop();
      assert.deepEqual(namesIn(node).filter((name) => !name.endsWith(".db")), [], "leftovers");
      const copy = new DatabaseSync(path, { readOnly: true });
      assert.equal(copy.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok");
      copy.close();
      await Deno.remove(path);
    }
  });
});

function namesIn({ dataDir }: MortalNode): string[] {
  return [...Deno.readDirSync(join(dataDir, "backups"))].map(({ name }) => name);
}

function backupsIn(node: MortalNode): string[] {
  return namesIn(node).filter((name) => name.endsWith(".db"));
}
