/** What the page of a run shows: as much as a reader can take in, however large the run is. Pure. */
import type { LogLineView, RunView, TaskView } from "../schema/api.ts";
import { isFinalTask, TASK_STATES } from "../schema/state_tables.ts";
import { criticalPath, type TimedTask } from "./critical_path.ts";
import type { GraphPicture } from "./graph_layout.ts";
import { type BoxState, boxStates } from "./run_graph_view.ts";
import { type Timeline, timelineOf } from "./timeline.ts";

/** A run without what there can be thousands of. */
export type RunHead = Omit<RunView, "tasks">;

/** A task as a row of the table. */
export type TaskRow =
  & Pick<
    TaskView,
    "task_id" | "name" | "type" | "status" | "started_at" | "finished_at" | "retry_at" | "rollback"
  >
  & {
    /** What it waits for, in words. */
    readonly waiting: string | null;
    /** The beginning of what went wrong. */
    readonly error: string | null;
    readonly attempts: number;
    readonly isCritical: boolean;
    readonly mayBeCancelled: boolean;
  };

/** The task that a run failed because of. */
export interface RunFailure {
  readonly task_id: string;
  /** The last lines that it wrote. */
  readonly lines: readonly LogLineView[];
}

/** Which tasks the table has. */
export interface TaskQuery {
  /** A state; empty: any. */
  readonly state: string;
  /** Part of an id or a name; empty: any. */
  readonly text: string;
  /** From 1. */
  readonly page: number;
}

/** The page of a run. */
export interface RunPageView {
  readonly run: RunHead;
  readonly failure: RunFailure | null;
  /** How many tasks are in each state, without the states that no task is in. */
  readonly counts: readonly (readonly [state: string, count: number])[];
  readonly query: TaskQuery;
  /** Rows of this page of the table, and how many there are on all of them. */
  readonly rows: readonly TaskRow[];
  readonly found: number;
  readonly timeline: Timeline;
  /** How the boxes of the graph stand, in their order; none where there is no graph. */
  readonly boxes: readonly BoxState[];
}

/** Rows on one page of the table. */
export const PAGE_TASKS = 50;
/** Longest beginning of an error in the table; the page of the task has all of it. */
const MOST_ERROR = 300;
/** Lines of output under the cause of failure. */
export const FAILURE_LINES = 8;

/** How to make the view of a run. */
export interface RunPageOptions {
  readonly query: TaskQuery;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The graph, where there is one. */
  readonly picture?: GraphPicture | undefined;
  /** The last lines of a task. */
  readonly lastLines: (taskId: string, count: number) => readonly LogLineView[];
}

/** Makes the view of a run. */
export function runPageView(
  { tasks, ...run }: RunView,
  { query, now, picture, lastLines }: RunPageOptions,
): RunPageView {
  const critical = new Set(criticalPath(timedTasks(tasks, run.decisions)));
  const goesOn = run.status === "running" || run.status === "paused";
  const found = tasks.filter((task) => fits(task, query));
  const from = (query.page - 1) * PAGE_TASKS;
  const timeOf = (text: string | null): number | undefined =>
    text === null ? undefined : Date.parse(text);
  const culprit = run.status === "completed" ? undefined : firstFailed(tasks);
  return {
    run,
    failure: culprit === undefined
      ? null
      : { task_id: culprit.task_id, lines: lastLines(culprit.task_id, FAILURE_LINES) },
    counts: countsOf(tasks),
    query,
    rows: found.slice(from, from + PAGE_TASKS).map((task) =>
      rowOf(task, { isCritical: critical.has(task.task_id), goesOn })
    ),
    found: found.length,
    timeline: timelineOf(tasks, {
      from: timeOf(run.started_at) ?? timeOf(run.created_at) ?? now,
      to: timeOf(run.finished_at) ?? now,
      decisions: run.decisions,
      critical,
    }),
    boxes: picture === undefined ? [] : boxStates(picture, tasks),
  };
}

/** When tasks began, where one without an attempt began when a person was asked. */
function timedTasks(
  tasks: readonly TaskView[],
  decisions: RunView["decisions"],
): readonly TimedTask[] {
  const asked = new Map<string, string>();
  for (const { task_id, created_at } of decisions) {
    if (!asked.has(task_id)) asked.set(task_id, created_at);
  }
  return tasks.map((task) =>
    task.started_at === null ? { ...task, started_at: asked.get(task.task_id) ?? null } : task
  );
}

/** The query of an address. */
export function taskQueryOf(url: URL): TaskQuery {
  const { searchParams } = url;
  const page = Number(searchParams.get("page") ?? "1");
  const state = searchParams.get("state") ?? "";
  return {
    state: TASK_STATES.some((known) => known === state) ? state : "",
    text: (searchParams.get("task") ?? "").trim().slice(0, 200),
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** The address part for a query; what is as usual is left out. */
export function taskQueryText({ state, text, page }: TaskQuery): string {
  const params = new URLSearchParams();
  if (state !== "") params.set("state", state);
  if (text !== "") params.set("task", text);
  if (page > 1) params.set("page", String(page));
  return params.size === 0 ? "" : `?${params}`;
}

/** The task whose failure came first: what others failed or were skipped for. */
function firstFailed(tasks: readonly TaskView[]): TaskView | undefined {
  return tasks.filter(({ status }) => status === "failed").reduce<TaskView | undefined>(
    (first, task) =>
      first === undefined || (task.finished_at ?? "") < (first.finished_at ?? "") ? task : first,
    undefined,
  );
}

function countsOf(tasks: readonly TaskView[]): [string, number][] {
  const counts = Map.groupBy(tasks, ({ status }) => status);
  return TASK_STATES.flatMap((state): [string, number][] => {
    const count = counts.get(state)?.length ?? 0;
    return count === 0 ? [] : [[state, count]];
  });
}

function fits({ task_id, name, status }: TaskView, { state, text }: TaskQuery): boolean {
  if (state !== "" && status !== state) return false;
  const wanted = text.toLowerCase();
  return task_id.toLowerCase().includes(wanted) ||
    (name ?? "").toLowerCase().includes(wanted);
}

function rowOf(
  task: TaskView,
  { isCritical, goesOn }: { isCritical: boolean; goesOn: boolean },
): TaskRow {
  const { task_id, name, type, status, started_at, finished_at, retry_at, rollback } = task;
  const error = task.error ?? "";
  return {
    ...{ task_id, name, type, status, started_at, finished_at, retry_at, rollback },
    waiting: task.waiting?.message ?? null,
    error: error === "" ? null : shortened(error),
    attempts: task.attempts.filter(({ kind }) => kind === "task").length,
    isCritical,
    mayBeCancelled: goesOn && !isFinalTask(status),
  };
}

function shortened(text: string): string {
  return text.length <= MOST_ERROR ? text : `${text.slice(0, MOST_ERROR).toWellFormed()}…`;
}
