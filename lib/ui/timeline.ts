/** Lays out when each task of a run waited, ran, was tried again and was rolled back. Pure. */
import type { AttemptView, TaskView } from "../schema/api.ts";
import type { DecisionView } from "../schema/decision.ts";
import { criticalPath } from "./critical_path.ts";

/** Waiting for room or the next attempt; for a person; an attempt; an attempt to roll back. */
export type SpanKind = "wait" | "person" | "run" | "rollback";

/** A part of a task's course, placed on the run's length, which is 1. */
export interface TimelineSpan {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number;
  /** Number and state of the attempt; of a decision its state alone; a wait has none. */
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
  /** Everything that it spent waiting since it could have started, for a person, and at its attempts. */
  readonly waitedMs: number;
  readonly askedMs: number;
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

/** A question about a task, as the timeline takes it. */
export type TimelineDecision = Pick<
  DecisionView,
  "task_id" | "status" | "created_at" | "decided_at" | "expires_at"
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
  { from, to, decisions = [], critical = new Set(criticalPath(tasks)) }: {
    from: number;
    to: number;
    /** What was asked about its tasks. */
    decisions?: readonly TimelineDecision[];
    /** Ids of the tasks on the critical path, where somebody knows them already. */
    critical?: ReadonlySet<string>;
  },
): Timeline {
  const ends = new Map(tasks.map((task) => [task.task_id, timeOf(task.finished_at)]));
  const scale = { from, to: Math.max(to, from + 1) };
  const asked = Map.groupBy(decisions, ({ task_id }) => task_id);
  const lanes = tasks.map((task) => {
    const ready = Math.max(from, ...task.depends_on.map((id) => ends.get(id) ?? Infinity));
    const isCritical = critical.has(task.task_id);
    return laneOf(task, { scale, ready, isCritical, asked: asked.get(task.task_id) ?? [] });
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
  { scale, ready, isCritical, asked }: {
    scale: Scale;
    ready: number;
    isCritical: boolean;
    asked: readonly TimelineDecision[];
  },
): TimelineLane {
  const spans: TimelineSpan[] = [];
  const put = (
    kind: SpanKind,
    [from, to]: readonly [number, number],
    part?: Partial<Pick<AttemptView, "attempt" | "status">> | TimelineDecision,
  ): void => {
    const [left, right] = [Math.max(from, scale.from), Math.min(to, scale.to)];
    if (right < left || ((kind === "wait" || kind === "person") && right - left < 1)) return;
    const place = (time: number): number => rounded((time - scale.from) / (scale.to - scale.from));
    spans.push({
      kind,
      from: place(left),
      to: place(right),
      attempt: part !== undefined && "attempt" in part ? part.attempt ?? null : null,
      status: part?.status ?? (kind === "run" ? task.status : null),
      ms: right - left,
    });
  };
  /** While a person is asked, it waits for nothing else; and where no worker is needed, it is that alone. */
  const add = (
    kind: SpanKind,
    [from, to]: readonly [number, number],
    attempt?: AttemptView,
  ): void => {
    if (kind === "rollback" || attempt !== undefined) return put(kind, [from, to], attempt);
    let done = from;
    for (const decision of asked) {
      const begun = Math.max(done, timeOf(decision.created_at) ?? done);
      const end = Math.min(to, timeOf(decision.decided_at) ?? scale.to);
      if (end <= begun) continue;
      if (begun > done) put(kind, [done, begun]);
      put("person", [begun, end], decision);
      done = end;
    }
    if (done < to || done === from) put(kind, [done, to]);
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
  } else if (task.attempts.length === 0 && task.finished_at !== null) {
    // It never began, but was asked about: nothing came after that, or nothing had to.
    if (asked.length > 0) add("wait", [ready, timeOf(task.finished_at) ?? ready]);
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
    askedMs: sum((kind) => kind === "person"),
    ranMs: sum((kind) => kind === "run" || kind === "rollback"),
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
