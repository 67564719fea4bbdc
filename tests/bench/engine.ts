/** What the scheduler costs for each task, at any size of a DAG: real engine and store, no worker. */
import { join } from "node:path";
import { Database, type Tx } from "../../lib/db/database.ts";
import { Alarms, systemTimer } from "../../lib/scheduler/alarms.ts";
import { DebtStore } from "../../lib/scheduler/debt_store.ts";
import { DecisionStore } from "../../lib/scheduler/decision_store.ts";
import { Engine } from "../../lib/scheduler/engine.ts";
import { EventLog } from "../../lib/scheduler/event_log.ts";
import { LocalExecutor } from "../../lib/scheduler/local_executor.ts";
import { LogStore } from "../../lib/scheduler/log_store.ts";
import { Results } from "../../lib/scheduler/results.ts";
import { RunStore } from "../../lib/scheduler/run_store.ts";
import type { TaskGrant } from "../../lib/scheduler/task_grants.ts";
import { SpecStore } from "../../lib/scheduler/spec_store.ts";
import { TaskTimes } from "../../lib/scheduler/task_times.ts";
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import type { TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";
import { inDirectory } from "./directory.ts";
import { mb, ms, note, percentile } from "./table.ts";

const SIZES = [100, 1_000, 10_000, 100_000] as const;
/** Small DAGs are run again until as many tasks have been run. */
const LEAST_TASKS = 10_000;
const WIDTH = 100;
const WORKER = "worker-global";

/** Measures validation and scheduling at each size. */
export async function benchEngine(): Promise<void> {
  const costs: number[] = [];
  for (const size of SIZES) {
    const doc = documentOf(size);
    const [spec, parsed] = timed(() => parse(doc));
    if (size === 10_000) {
      const again = Array.from({ length: 9 }, () => timed(() => parse(doc))[1]);
      note("a spec of 10,000 tasks validated", ms(percentile([parsed, ...again], 0.5)), "< 150 ms");
    }
    const rounds = Math.max(1, LEAST_TASKS / size);
    const cost = await inDirectory((dir) => costOf(spec, { rounds, path: join(dir, "cis.db") }));
    costs.push(cost);
    note(
      `engine and store for each task, ${size} tasks in a DAG`,
      `${(cost * 1000).toFixed(0)} µs`,
      size === SIZES[0]
        ? undefined
        : `≤ 1.5 × that of 100; ${(cost / (costs[0] ?? NaN)).toFixed(2)} ×`,
    );
  }
  note("memory of this process after that", mb(Deno.memoryUsage().rss));
}

function documentOf(size: number): object {
  return {
    dag_id: "measured",
    scope: { type: "global" },
    max_parallel: WIDTH,
    // A layer of 100 after the other, each task on two of the layer before.
    tasks: Array.from({ length: size }, (_, n) => ({
      id: `t${n}`,
      command: "true",
      depends_on: n < WIDTH
        ? []
        : [...new Set([n - WIDTH, n - 1 - (n % WIDTH)])].map((m) => `t${m}`),
    })),
  };
}

function parse(doc: object): DagSpec {
  const parsed = parseSpecDocument(doc, { maxTasks: 1_000_000 });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.spec;
}

/** Milliseconds for each task, from the begin of a run to its end. */
async function costOf(
  spec: DagSpec,
  { rounds, path }: { rounds: number; path: string },
): Promise<number> {
  using db = new Database(path);
  const runs = new RunStore(db);
  const specs = new SpecStore(db);
  const handed: TaskDispatch[] = [];
  const engine = new Engine({
    ...{ db, runs, specs, events: new EventLog(db), alarms: new Alarms(systemTimer) },
    times: new TaskTimes(db),
    ...{ decisions: new DecisionStore(db), debts: new DebtStore(db), decisionExpireMs: 1000 },
  });
  const executor = new LocalExecutor({
    engine,
    runs,
    pool: { ready: () => ({ instance: "i", slots: WIDTH }), ensure: nothing, release: nothing },
    channel: { dispatch: (_tx, _id, tasks) => void handed.push(...tasks), cancel: nothing },
    grants: { forTask: () => GRANT },
    bounds: { maxRunningTasks: null, maxRunningRuns: null, groups: {}, priorityAgeMs: 60_000 },
  });
  const results = new Results({ engine, executor, runs, logs: new LogStore(db), random: () => 0 });
  await db.write((tx) => saveVersion(tx, { db, specs, spec }));
  const begun = performance.now();
  for (let round = 0; round < rounds; round++) {
    await db.write((tx) =>
      engine.transact(tx, () =>
        executor.execute(
          tx,
          engine.begin(tx, {
            ...{ runId: `run-${round}`, spec, version: 1, nodeId: "n", workerId: WORKER },
            ...{ triggeredBy: "bench", confirmedBy: null, retryOf: null, deadlineAt: null },
          }),
        ))
    );
    while (handed.length > 0) {
      const done = handed.splice(0).map(completed);
      await db.write((tx) => results.accept(tx, WORKER, { v: 1, results: done }));
    }
    if (runs.load(`run-${round}`)?.status !== "completed") throw new Error("the run is not over");
  }
  return (performance.now() - begun) / (rounds * spec.tasks.length);
}

const nothing = (): void => {};
const GRANT: TaskGrant = {
  permissions: { net: [], read: [], write: [], env: [], run: [] },
  walls: "none",
  limits: { memory: null, cpu: null, file_size: null, output: 1_000_000 },
  secrets: [],
  maxTimeoutMs: null,
};

function saveVersion(
  tx: Tx,
  { db, specs, spec }: { db: Database; specs: SpecStore; spec: DagSpec },
): void {
  db.run(`INSERT INTO tokens (token_id, name, secret_hash, roles, created_at)
    VALUES ('t', 't', 'h', '[]', 0)`);
  specs.save(tx, {
    ...{ spec, specHash: "0".repeat(64), scopeSource: "spec", warnings: [], version: 1 },
    ...{ policy: null, publishedBy: "t", expiresAt: 1 },
  });
}

function completed({ run_id, task_id, attempt, lease }: TaskDispatch): TaskResult {
  const now = Date.now();
  return {
    ...{ run_id, task_id, attempt, lease, status: "completed", exit_code: 0 },
    ...{ outputs: null, error: null, started_at: now, finished_at: now },
  };
}

function timed<T>(work: () => T): [value: T, time: number] {
  const begun = performance.now();
  const value = work();
  return [value, performance.now() - begun];
}
