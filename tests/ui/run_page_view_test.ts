import assert from "node:assert/strict";
import type { RunView, TaskView } from "../../lib/schema/api.ts";
import {
  PAGE_TASKS,
  runPageView,
  type TaskQuery,
  taskQueryOf,
  taskQueryText,
} from "../../lib/ui/run_page_view.ts";
import { taskPageView } from "../../lib/ui/task_page_view.ts";

const at = (second: number): string => new Date(second * 1_000).toISOString();
const ALL: TaskQuery = { state: "", text: "", page: 1 };

function task(id: string, part: Partial<TaskView> = {}): TaskView {
  return {
    task_id: id,
    name: null,
    type: "shell",
    status: "completed",
    depends_on: [],
    outputs: null,
    error: null,
    started_at: at(0),
    finished_at: at(1),
    retry_at: null,
    rollback: null,
    waiting: null,
    attempts: [],
    ...part,
  };
}

function run(tasks: TaskView[], part: Partial<RunView> = {}): RunView {
  return {
    run_id: "dag-run-1",
    dag_id: "d",
    version: 1,
    spec_hash: "",
    status: "failed",
    scope: { type: "global" },
    worker_id: "worker-global",
    node_id: "n1",
    priority: "medium",
    triggered_by: "confirm",
    confirmed_by: null,
    retry_of: null,
    created_at: at(0),
    started_at: at(0),
    finished_at: at(9),
    error: null,
    completed_tasks: 0,
    total_tasks: tasks.length,
    waiting: null,
    queue: { pending: 0, ready: 0, running: 0 },
    tasks,
    decisions: [],
    debts: [],
    ...part,
  };
}

const view = (of: RunView, query: TaskQuery = ALL): ReturnType<typeof runPageView> =>
  runPageView(of, { query, now: 9_000, lastLines: () => [] });

Deno.test("the cause of failure is the task that failed first, and none where a run succeeded", () => {
  const tasks = [
    task("late", { status: "failed", finished_at: at(5) }),
    task("early", { status: "failed", finished_at: at(2) }),
    task("skipped", { status: "skipped", finished_at: at(1) }),
  ];
  assert.equal(view(run(tasks)).failure?.task_id, "early");
  assert.equal(view(run(tasks, { status: "running" })).failure?.task_id, "early");
  assert.equal(view(run(tasks, { status: "completed" })).failure, null);
});

Deno.test("the table has the tasks that are asked for, a page at a time", () => {
  const many = Array.from(
    { length: 250 },
    (_, n) => task(`t${n}`, n === 7 ? { status: "debt", name: "The Seventh" } : {}),
  );
  const ids = (query: Partial<TaskQuery>): string[] =>
    view(run(many), { ...ALL, ...query }).rows.map(({ task_id }) => task_id);
  assert.equal(ids({}).length, PAGE_TASKS);
  assert.deepEqual(ids({ page: 5 }).at(-1), "t249");
  assert.deepEqual(ids({ page: 6 }), []);
  assert.deepEqual(ids({ state: "debt" }), ["t7"]);
  assert.deepEqual(ids({ text: "seventh" }), ["t7"]);
  assert.equal(view(run(many), { ...ALL, text: "t1" }).found, 111);
  assert.deepEqual(view(run(many)).counts, [["completed", 249], ["debt", 1]]);
});

Deno.test("only a task that goes on in a run that goes on can be cancelled", () => {
  const tasks = [task("done"), task("open", { status: "pending", finished_at: null })];
  const may = (status: RunView["status"]): boolean[] =>
    view(run(tasks, { status })).rows.map(({ mayBeCancelled }) => mayBeCancelled);
  assert.deepEqual(may("running"), [false, true]);
  assert.deepEqual(may("failed"), [false, false]);
});

Deno.test("a long error is told in the table by its beginning", () => {
  const [row] = view(run([task("a", { status: "failed", error: "x".repeat(9_000) })])).rows;
  assert.ok((row?.error?.length ?? 0) < 400);
});

Deno.test("a filter goes into an address and comes out of it again; what is none is none", () => {
  const address = (text: string): TaskQuery => taskQueryOf(new URL(text, "http://localhost/"));
  for (const query of [ALL, { state: "failed", text: "a&b c", page: 3 }]) {
    assert.deepEqual(address(`/${taskQueryText(query)}`), query);
  }
  assert.equal(taskQueryText(ALL), "");
  assert.deepEqual(address("/?state=nonsense&page=-2&task="), ALL);
  assert.deepEqual(address("/?page=1.5"), ALL);
});

Deno.test("a task's page has what it was given, its neighbours, and nothing of others", () => {
  const tasks = [
    task("a", { outputs: { n: 1 } }),
    task("b"),
    task("c", { depends_on: ["a", "b"], outputs: { text: "<b>\u202e" } }),
    task("d", { depends_on: ["c"], status: "skipped" }),
  ];
  const found = taskPageView(run(tasks), "c");
  assert.deepEqual(found?.inputs.map(({ task_id }) => task_id), ["a"]);
  assert.deepEqual(found?.before.map(({ task_id }) => task_id), ["a", "b"]);
  assert.deepEqual(found?.after, [{ task_id: "d", status: "skipped" }]);
  assert.equal(found?.outputs?.text, '{\n  "text": "<b>\\u{202e}"\n}');
  assert.equal(taskPageView(run(tasks), "nobody"), undefined);
});

Deno.test("large outputs are cut on the page", () => {
  const found = taskPageView(run([task("a", { outputs: "x".repeat(100_000) })]), "a");
  assert.equal(found?.outputs?.isCut, true);
  assert.ok((found?.outputs?.text.length ?? 0) <= 20_000);
});

Deno.test("a gate that a person opened is on the critical path, and so is what came before it", () => {
  const tasks = [
    task("build", { started_at: at(0), finished_at: at(2) }),
    task("lint", { started_at: at(0), finished_at: at(1) }),
    task("gate", {
      type: "approval",
      depends_on: ["build", "lint"],
      started_at: null,
      finished_at: at(8),
    }),
    task("deploy", { depends_on: ["gate"], started_at: at(8), finished_at: at(9) }),
  ];
  const decision: RunView["decisions"][number] = {
    decision_id: "d1",
    run_id: "dag-run-1",
    task_id: "gate",
    dag_id: "d",
    version: 1,
    kind: "approval",
    question: "Go on?",
    options: [],
    default_action: "fail",
    stakeholders: null,
    threshold: null,
    created_at: at(2),
    expires_at: at(99),
    status: "approved",
    decided_by: "p",
    decided_at: at(8),
    reason: null,
    votes: [],
  };
  const view = runPageView(run(tasks, { decisions: [decision] }), {
    query: ALL,
    now: 9_000,
    lastLines: () => [],
  });
  const critical = view.rows.filter(({ isCritical }) => isCritical).map(({ task_id }) => task_id);
  assert.deepEqual(critical, ["build", "gate", "deploy"]);
  const gate = view.timeline.lanes.find(({ task_id }) => task_id === "gate");
  assert.ok(gate?.isCritical);
  assert.deepEqual(gate.spans.map(({ kind, ms }) => [kind, ms]), [["person", 6_000]]);
});
