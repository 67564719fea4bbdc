/** Lays out when each task of a run waited, ran, was tried again and was rolled back. Pure. */
import type { AttemptView, TaskView } from "../schema/api.ts";
import { criticalPath } from "./critical_path.ts";

/** Waiting for room, a decision or the next attempt; an attempt; an attempt to roll back. */
export type SpanKind = "wait" | "run" | "rollback";

/** A part of a task's course, placed on the run's length, which is 1. */
export interface TimelineSpan {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number;
  /** Number and state of the attempt; a wait has none. */
  readonly attempt: number | null;
  readonly status: string | null;
  readonly ms: number;
}

/** The course of one task. */
export interface TimelineLane {
  readonly task_id: string;
  readonly status: string;
  readonly isCritical: boolean;
  readonly spans: readonly TimelineSpan[];
  /** Everything that it spent waiting since it could have started, and at its attempts. */
  readonly waitedMs: number;
  readonly ranMs: number;
}

/** What is drawn of a run's course. */
export interface Timeline {
  /** In the order in which they began. */
  readonly lanes: readonly TimelineLane[];
  /** How many tasks have a course; more than are drawn when the run is large. */
  readonly total: number;
  readonly lengthMs: number;
  /** Places of marks on the length, with how long after the start they are. */
  readonly ticks: readonly { readonly at: number; readonly ms: number }[];
}

/** A task as the timeline takes it. */
export type TimelineTask = Pick<
  TaskView,
  "task_id" | "status" | "depends_on" | "started_at" | "finished_at" | "attempts"
>;

/** Lanes that a reader can still take in. */
export const MOST_LANES = 40;
const MOST_TICKS = 5;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  ...[1, 60, 3_600, 86_400].map((unit) =>
    [1, 2, 5, 10, 15, 30].map((count) => count * unit * 1_000)
  ),
).sort((a, b) => a - b);

/**
 * The course of a run's tasks between two times in epoch milliseconds. Of a large run it has the
 * tasks that matter most: those on the critical path, those that failed, those that run, and then
 * the longest.
 */
export function timelineOf(
  tasks: readonly TimelineTask[],
  { from, to, critical = new Set(criticalPath(tasks)) }: {
    from: number;
    to: number;
    /** Ids of the tasks on the critical path, where somebody knows them already. */
    critical?: ReadonlySet<string>;
  },
): Timeline {
  const ends = new Map(tasks.map((task) => [task.task_id, timeOf(task.finished_at)]));
  const scale = { from, to: Math.max(to, from + 1) };
  const lanes = tasks.map((task) => {
    const ready = Math.max(from, ...task.depends_on.map((id) => ends.get(id) ?? Infinity));
    return laneOf(task, { scale, ready, isCritical: critical.has(task.task_id) });
  }).filter(({ spans }) => spans.length > 0);
  const lengthMs = scale.to - scale.from;
  return {
    lanes: weightiest(lanes).sort((a, b) => startOf(a) - startOf(b)),
    total: lanes.length,
    lengthMs,
    ticks: ticksOf(lengthMs),
  };
}

/** Marks at round times, few enough to be read. */
export function ticksOf(lengthMs: number): { at: number; ms: number }[] {
  const step = STEPS.find((size) => lengthMs / size <= MOST_TICKS) ?? lengthMs;
  const count = Math.floor(lengthMs / step);
  return Array.from({ length: count + 1 }, (_, n) => ({
    at: rounded(n * step / lengthMs),
    ms: n * step,
  }));
}

interface Scale {
  readonly from: number;
  readonly to: number;
}

function laneOf(
  task: TimelineTask,
  { scale, ready, isCritical }: { scale: Scale; ready: number; isCritical: boolean },
): TimelineLane {
  const spans: TimelineSpan[] = [];
  const add = (kind: SpanKind, [from, to]: [number, number], attempt?: AttemptView): void => {
    const [left, right] = [Math.max(from, scale.from), Math.min(to, scale.to)];
    if (right < left || (kind === "wait" && right - left < 1)) return;
    const place = (time: number): number => rounded((time - scale.from) / (scale.to - scale.from));
    spans.push({
      kind,
      from: place(left),
      to: place(right),
      attempt: attempt?.attempt ?? null,
      status: attempt?.status ?? (kind === "run" ? task.status : null),
      ms: right - left,
    });
  };
  let free = ready;
  for (const attempt of task.attempts) {
    const start = timeOf(attempt.started_at) ?? scale.to;
    // Between its end and its rollback a task waits for nothing.
    if (attempt.kind === "task") add("wait", [free, start]);
    const end = timeOf(attempt.finished_at) ?? scale.to;
    add(attempt.kind === "task" ? "run" : "rollback", [start, end], attempt);
    free = end;
  }
  const start = timeOf(task.started_at);
  if (task.attempts.length === 0 && start !== undefined) {
    // No worker is needed for it, or another run has done it.
    if (start >= scale.from) {
      add("wait", [ready, start]);
      add("run", [start, timeOf(task.finished_at) ?? scale.to]);
    }
  } else if (task.finished_at === null && task.status !== "running") {
    add("wait", [free, scale.to]);
  }
  const sum = (isOf: (kind: SpanKind) => boolean): number =>
    spans.reduce((total, span) => total + (isOf(span.kind) ? span.ms : 0), 0);
  return {
    task_id: task.task_id,
    status: task.status,
    isCritical,
    spans,
    waitedMs: sum((kind) => kind === "wait"),
    ranMs: sum((kind) => kind !== "wait"),
  };
}

function weightiest(lanes: readonly TimelineLane[]): TimelineLane[] {
  if (lanes.length <= MOST_LANES) return [...lanes];
  const weight = (lane: TimelineLane): number => {
    if (lane.status === "failed" || lane.status === "debt") return 3;
    if (lane.isCritical) return 2;
    return lane.status === "running" ? 1 : 0;
  };
  return [...lanes].sort((a, b) => weight(b) - weight(a) || b.ranMs - a.ranMs).slice(0, MOST_LANES);
}

function startOf({ spans }: TimelineLane): number {
  return spans[0]?.from ?? 0;
}

function timeOf(text: string | null): number | undefined {
  return text === null ? undefined : Date.parse(text);
}

/** To a hundredth of a percent: nobody sees more, and every digit is sent a thousand times. */
function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
