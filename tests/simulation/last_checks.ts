/** What must hold of the rows when all is over: of each run, and of what belongs to it. */
import assert from "node:assert/strict";
import { isFinalTask } from "../../lib/schema/states.ts";
import { MAX_LOSSES } from "../../lib/scheduler/run_machine.ts";
import type { AttemptRow } from "../../lib/scheduler/attempt_store.ts";
import type { TaskRow } from "../../lib/scheduler/run_store.ts";
import type { RunStory, TaskStory } from "./run_story.ts";
import type { World } from "./world.ts";

interface RunRow {
  readonly run_id: string;
  readonly status: string;
  readonly error: string | null;
  readonly completed_tasks: number;
}

/** Holds everything that is left against the rules, and against what was told. */
export function checkEnd(world: World): void {
  const { disk, story } = world;
  const rows = new Map(
    disk.all<RunRow>("SELECT * FROM dag_runs").map((row) => [row.run_id, row]),
  );
  let told = 0;
  for (const run of story.runs) {
    told++;
    const row = rows.get(run.runId);
    assert.ok(row, `${run.name} was told of and isn't there`);
    try {
      checkRun(world, run, row);
    } catch (error) {
      if (error instanceof Error) error.message = `${run.name}: ${error.message}`;
      throw error;
    }
  }
  assert.equal(rows.size, told, "runs that nobody has told of");
  none(world, "SELECT 1 FROM task_attempts WHERE status = 'running'", "an attempt runs still");
  none(world, "SELECT 1 FROM decisions WHERE status = 'open'", "a decision is open still");
  none(world, "PRAGMA foreign_key_check", "a row points at nothing");
  none(
    world,
    `SELECT 1 FROM dag_specs s LEFT JOIN dag_runs r USING (run_id)
     WHERE s.status = 'confirmed' AND r.triggered_by IS NOT 'confirm'`,
    "a confirmed version has no run",
  );
  none(
    world,
    `SELECT 1 FROM debts d JOIN dag_runs r ON r.retry_of = d.run_id AND r.triggered_by = 'retry'
     WHERE d.status = 'open'`,
    "a retry has left a debt open",
  );
  none(
    world,
    `SELECT 1 FROM dag_runs r JOIN task_runs t USING (run_id)
     JOIN task_runs o ON o.run_id = r.retry_of AND o.task_id = t.task_id
     WHERE r.triggered_by = 'retry' AND t.ended_seq IS NULL
       AND (o.status <> 'completed' OR o.rollback IS NOT NULL)`,
    "a retry has kept what was not done, or undone",
  );
  const begun = disk.all(
    "SELECT 1 FROM dag_runs WHERE triggered_by IN ('schedule', 'catch_up')",
  ).length;
  const due = disk.all(
    `SELECT DISTINCT run_id FROM scheduled_times WHERE outcome IN ('started', 'made_up')`,
  ).length;
  assert.equal(begun, due, "runs of schedules");
}

function none({ disk }: World, sql: string, what: string): void {
  assert.equal(disk.all(sql).length, 0, what);
}

function checkRun(world: World, run: RunStory, row: RunRow): void {
  const { disk } = world;
  const tasks = disk.all<TaskRow>("SELECT * FROM task_runs WHERE run_id = ?", run.runId);
  assert.equal(row.status, run.status, "the run is not what was told of it");
  assert.ok(run.isOver, `it has not ended but is ${describe(run)}`);
  assert.equal(row.error !== null, row.status !== "completed", "whether there is an error");
  const completed = tasks.filter(({ status }) => status === "completed").length;
  assert.equal(row.completed_tasks, completed, "completed_tasks");
  const attempts = disk.all<AttemptRow>(
    "SELECT * FROM task_attempts WHERE run_id = ? ORDER BY task_index, attempt",
    run.runId,
  );
  const debts = disk.all<{ task_id: string }>(
    "SELECT task_id FROM debts WHERE run_id = ?",
    run.runId,
  );
  for (const task of tasks) {
    const story = run.tasks.get(task.task_id);
    assert.ok(story);
    const own = attempts.filter(({ task_index }) => task_index === task.task_index);
    const hasDebt = debts.some(({ task_id }) => task_id === task.task_id);
    try {
      checkTask(world, { story, task, attempts: own, hasDebt });
    } catch (error) {
      if (error instanceof Error) error.message = `${task.task_id}: ${error.message}`;
      throw error;
    }
  }
  checkOutcome(run, row);
}

/** A run has failed if, and only if, something is wrong that it must not pass over. */
function checkOutcome({ spec, tasks }: RunStory, { status, error }: RunRow): void {
  if (status === "cancelled") return;
  const wrong = [...tasks.values()].some(({ spec, status, kept }) =>
    status === "failed" || (status === "cancelled" && spec.on_failure === "blocking" && !kept)
  );
  // It was stopped: that is no task's fault.
  if (status === "failed" && /took longer|could not be kept running/.test(error ?? "")) return;
  if (spec.policy !== "first_success") {
    return assert.equal(status, wrong ? "failed" : "completed", `outcome, ${error}`);
  }
  if (status === "completed") {
    const ends = spec.tasks.filter(({ id, run_if }) =>
      run_if !== "any_failed" && spec.tasks.every((task) => !task.depends_on.includes(id))
    );
    assert.ok(ends.some(({ id }) => tasks.get(id)?.status === "completed"), "nothing decided it");
  }
}

interface CheckedTask {
  readonly story: TaskStory;
  readonly task: TaskRow;
  readonly attempts: readonly AttemptRow[];
  readonly hasDebt: boolean;
}

function checkTask(world: World, { story, task, attempts, hasDebt }: CheckedTask): void {
  assert.equal(task.status, story.status, "the task is not what was told of it");
  assert.equal(task.rollback, story.rollback, "the rollback is not what was told of it");
  assert.ok(isFinalTask(task.status), `it is ${task.status}`);
  if (story.kept) return assert.equal(attempts.length, 0, "another run has done it");
  assert.deepEqual(attempts.map(({ attempt }) => attempt), upTo(task.attempt), "attempts");
  const count = (kind: string, ...states: string[]): number =>
    attempts.filter((each) => each.kind === kind && states.includes(each.status)).length;
  assert.equal(task.failures, count("task", "failed"), "failures");
  assert.equal(task.losses, count("task", "lost") + count("rollback", "lost"), "losses");
  const isDone = task.status === "completed" && story.spec.type !== "approval";
  assert.equal(count("task", "completed"), isDone ? 1 : 0, "completed attempts");
  assert.ok(count("rollback", "completed") <= 1, "it was rolled back twice");
  assert.equal(count("rollback", "completed"), task.rollback === "done" ? 1 : 0, "rolled back");
  assert.ok(count("task", "cancelled") === 0 || task.status === "cancelled", "cancelled attempt");
  assert.equal(hasDebt, task.status === "debt", "whether it is a debt");
  if (task.status === "debt") checkExhausted(story, task);
  checkReports(world, { task, attempts });
}

/** What failed by itself has used up what it had. */
function checkExhausted({ spec }: TaskStory, { failures, losses }: TaskRow): void {
  const isLost = losses >= MAX_LOSSES || (losses > 0 && !spec.idempotent);
  assert.ok(failures >= spec.retry.max_attempts || isLost, "it was given up too early");
}

/** What counts was said by its worker, and its outputs are those of that attempt. */
function checkReports(
  { witness }: World,
  { task, attempts }: { task: TaskRow; attempts: readonly AttemptRow[] },
): void {
  for (const { lease, status } of attempts) {
    if (status !== "completed" && status !== "failed") continue;
    const reports = witness.reportsOf(lease).map((report) => report.status);
    assert.ok(reports.includes(status), `counted as ${status}, reported as ${reports}`);
  }
  const done = attempts.find(({ kind, status }) => kind === "task" && status === "completed");
  const outputs = witness.reportsOf(done?.lease ?? "")
    .find(({ status }) => status === "completed")?.outputs ?? null;
  assert.deepEqual(JSON.parse(task.outputs ?? "null"), outputs, "outputs");
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1);
}

/** How a run stands, in few words. */
function describe({ status, tasks }: RunStory): string {
  const states = [...tasks].map(([id, { status, rollback }]) =>
    `${id} ${status} ${rollback ?? ""}`
  );
  return `${status}: ${states.join(", ")}`;
}
