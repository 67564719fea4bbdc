/**
 * The node is killed again and again, at moments of chance, while DAGs are published, confirmed and
 * carried out. What tasks did is counted on disk, beside what the database says of it.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { dataOf } from "../../lib/api/client.ts";
import {
  type NodeProcess,
  publishAndConfirm,
  startNode,
  waitForEnd,
  waitForEvent,
} from "../helpers/node_process.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const ROUNDS = 6;
const PUBLISHERS = 3;
/** The longest that a round's load lasts, in milliseconds. */
const LONGEST_LOAD_MS = 400;
const SCOPE = { type: "project", project_id: "abc" };
const MARK = 'echo "$CIS_RUN_ID $CIS_TASK_ID $CIS_ATTEMPT" >> "$MARKS"; echo n=1 > $CIS_OUTPUT';

/** A DAG whose tasks leave a line each time that they are carried out. */
function markingDag(dag_id: string, marks: string): object {
  const task = (id: string, depends_on: readonly string[] = []): object => ({
    ...{ id, type: "shell", command: MARK, depends_on },
  });
  return {
    dag_id,
    scope: SCOPE,
    env: { MARKS: marks },
    tasks: [task("a"), task("b", ["a"]), task("c", ["a"]), task("d", ["b", "c"])],
  };
}

/** Publishes and confirms until the node is gone. Adds the runs that it was told of. */
async function load(
  node: NodeProcess,
  { name, marks, told }: { name: string; marks: string; told: Set<string> },
): Promise<void> {
  try {
    for (let n = 0;; n++) {
      const { run_id } = await publishAndConfirm(node.client, markingDag(`${name}-${n}`, marks));
      told.add(run_id);
    }
  } catch {
    // The node was killed: what it hadn't answered may be there or not.
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("whenever the node is killed, what it confirmed is carried out, each result counted once", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = seededRandom(seed);
  await t.step(`seed ${seed}`, async () => {
    await withTempDir(async (dir) => {
      const marks = join(dir, "workspaces", "project-abc", "marks");
      const told = new Set<string>();
      // The worker dies with the node in every second round and outlives it in the others.
      // Each life has a port of its own: while the node is down, anybody may be given its last one.
      let node = await startNode(dir);
      try {
        for (let round = 0; round < ROUNDS; round++) {
          const loads = Array.from(
            { length: PUBLISHERS },
            (_, n) => load(node, { name: `r${round}-${n}`, marks, told }),
          );
          await delay(random() * LONGEST_LOAD_MS);
          const worker = round % 2 === 1 ? dataOf(await node.client.workers()).workers[0] : null;
          await node.killHard();
          if (worker?.pid) killIfThere(worker.pid);
          await Promise.all(loads);
          node = await startNode(dir);
        }
        const all = runsIn(dir);
        assert.ok(told.size > 0, "no run was confirmed at all");
        const lost = [...told].filter((run) => !all.includes(run));
        assert.deepEqual(lost, [], "confirmed, and told so, but not there");
        for (const run_id of all) {
          const run = await waitForEnd(node.client, run_id, 60_000);
          assert.equal(run.status, "completed", run.error ?? "");
        }
      } catch (error) {
        throw new Error(`the last node printed:\n${node.output()}`, { cause: error });
      } finally {
        await node.stop();
      }
      checkCounts(dir, marks);
    });
  });
});

function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function query<T>(dir: string, sql: string): T[] {
  const db = new DatabaseSync(join(dir, "cis.db"), { readOnly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

function runsIn(dir: string): string[] {
  return query<{ run_id: string }>(dir, "SELECT run_id FROM dag_runs").map(({ run_id }) => run_id);
}

/** Fails unless disk and database agree on what was done, and how often. */
function checkCounts(dir: string, marks: string): void {
  assert.deepEqual(query(dir, "PRAGMA foreign_key_check"), []);
  assert.equal(
    query<{ integrity_check: string }>(dir, "PRAGMA integrity_check")[0]?.integrity_check,
    "ok",
  );
  const attempts = query<{ key: string; attempt: number; status: string }>(
    dir,
    `SELECT run_id || ' ' || task_id AS key, a.attempt, a.status
     FROM task_attempts a JOIN task_runs USING (run_id, task_index) ORDER BY key, a.attempt`,
  );
  const done = Deno.readTextFileSync(marks).trim().split("\n");
  assert.equal(new Set(done).size, done.length, "an attempt was carried out twice");
  const completed = new Map<string, number>();
  for (const { key, attempt, status } of attempts) {
    assert.ok(!completed.has(key), `${key} went on after it had completed`);
    assert.match(status, /^(completed|lost)$/, key);
    if (status === "completed") completed.set(key, attempt);
  }
  assert.equal(completed.size, 4 * runsIn(dir).length);
  for (const [key, attempt] of completed) {
    assert.ok(done.includes(`${key} ${attempt}`), `${key} counts as completed, but was not done`);
  }
  for (const line of done) {
    const [run = "", task = "", attempt] = line.split(" ");
    const last = completed.get(`${run} ${task}`) ?? 0;
    assert.ok(Number(attempt) <= last, `${line}, although attempt ${last} had completed`);
  }
  const twice = query(
    dir,
    `SELECT run_id, task_id FROM events WHERE type = 'task.completed'
     GROUP BY run_id, task_id HAVING count(*) <> 1`,
  );
  assert.deepEqual(twice, [], "a result was counted twice");
}

Deno.test("a confirm that was answered is there after a kill in that very moment", async () => {
  await withTempDir(async (dir) => {
    for (let round = 0; round < 4; round++) {
      // Its worker ends with it, so that none is left at the end.
      const node = await startNode(dir, { config: { orphan_grace_ms: 0 } });
      try {
        const dag_id = `d${round}`;
        const tasks = [{ id: "a", type: "noop" }];
        const { spec_hash } = dataOf(await node.client.publish({ doc: { dag_id, tasks } }));
        const { run_id } = dataOf(await node.client.confirm(dag_id, { spec_hash }));
        await node.killHard();
        assert.ok(runsIn(dir).includes(run_id), `round ${round}`);
      } finally {
        await node.stop();
      }
    }
  });
});

Deno.test("a result that was told of is there after a kill in that very moment, outputs and all", async () => {
  await withTempDir(async (dir) => {
    const node = await startNode(dir, { config: { orphan_grace_ms: 0 } });
    try {
      const { run_id } = await publishAndConfirm(node.client, {
        dag_id: "d",
        tasks: [
          { id: "a", type: "shell", command: "echo n=1 > $CIS_OUTPUT" },
          { id: "b", type: "shell", command: "sleep 600", depends_on: ["a"] },
        ],
      });
      await waitForEvent(
        node.client,
        run_id,
        ({ type, task_id }) => type === "task.completed" && task_id === "a",
      );
      await node.killHard();
      const rows = query<{ status: string; outputs: string }>(
        dir,
        `SELECT t.status, t.outputs FROM task_runs t JOIN task_attempts a USING (run_id, task_index)
         WHERE task_id = 'a' AND a.status = 'completed'`,
      );
      assert.deepEqual(rows.map((row) => ({ ...row })), [{
        status: "completed",
        outputs: '{"n":"1"}',
      }]);
    } finally {
      await node.stop();
    }
  });
});
