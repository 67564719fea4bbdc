import assert from "node:assert/strict";
import type { AttemptView } from "../../lib/schema/api.ts";
import {
  MOST_LANES,
  ticksOf,
  type TimelineDecision,
  timelineOf,
  type TimelineTask,
} from "../../lib/ui/timeline.ts";

const iso = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

function attempt(
  number: number,
  [from, to]: [number, number?],
  { status = "completed", kind = "task" }: Partial<Pick<AttemptView, "status" | "kind">> = {},
): AttemptView {
  return {
    attempt: number,
    kind,
    status,
    worker_id: "w",
    started_at: iso(from),
    finished_at: iso(to),
    exit_code: null,
    error: null,
    error_code: null,
    late_result: null,
  };
}

function task(id: string, part: Partial<TimelineTask>): TimelineTask {
  const attempts = part.attempts ?? [];
  return {
    task_id: id,
    status: "completed",
    depends_on: [],
    started_at: attempts[0]?.started_at ?? null,
    finished_at: attempts.filter(({ kind }) => kind === "task").at(-1)?.finished_at ?? null,
    attempts,
    ...part,
  };
}

/** Spans as text: `wait 0-0.1`. */
function course(
  tasks: TimelineTask[],
  id: string,
  decisions: TimelineDecision[] = [],
): string[] {
  const lane = timelineOf(tasks, { from: 0, to: 1_000, decisions }).lanes.find(({ task_id }) =>
    task_id === id
  );
  return (lane?.spans ?? []).map(({ kind, from, to, status }) =>
    `${kind} ${from}-${to}${status === null ? "" : ` ${status}`}`
  );
}

Deno.test("a task waits from when it could start, then runs", () => {
  const tasks = [
    task("a", { attempts: [attempt(1, [100, 300])] }),
    task("b", { depends_on: ["a"], attempts: [attempt(1, [350, 600])] }),
  ];
  assert.deepEqual(course(tasks, "a"), ["wait 0-0.1", "run 0.1-0.3 completed"]);
  assert.deepEqual(course(tasks, "b"), ["wait 0.3-0.35", "run 0.35-0.6 completed"]);
});

Deno.test("attempts are apart, with the pause between them, and a rollback is no waiting", () => {
  const tasks = [task("a", {
    attempts: [
      attempt(1, [0, 200], { status: "failed" }),
      attempt(2, [500, 600]),
      attempt(3, [800, 900], { kind: "rollback" }),
    ],
  })];
  assert.deepEqual(course(tasks, "a"), [
    "run 0-0.2 failed",
    "wait 0.2-0.5",
    "run 0.5-0.6 completed",
    "rollback 0.8-0.9 completed",
  ]);
});

Deno.test("what runs or waits goes on until now, and what can't start yet has no course", () => {
  const tasks = [
    task("runs", { status: "running", attempts: [attempt(1, [400], { status: "running" })] }),
    task("ready", { status: "ready" }),
    task("blocked", { status: "pending", depends_on: ["runs"] }),
    task("skipped", { status: "skipped", finished_at: iso(10) }),
  ];
  assert.deepEqual(course(tasks, "runs"), ["wait 0-0.4", "run 0.4-1 running"]);
  assert.deepEqual(course(tasks, "ready"), ["wait 0-1"]);
  assert.deepEqual(course(tasks, "blocked"), []);
  assert.deepEqual(course(tasks, "skipped"), []);
});

Deno.test("a task without a worker has its course as well, unless an earlier run did it", () => {
  const tasks = [
    task("gate", { started_at: iso(200), finished_at: iso(210) }),
    task("kept", { started_at: iso(-900), finished_at: iso(-800) }),
  ];
  assert.deepEqual(course(tasks, "gate"), ["wait 0-0.2", "run 0.2-0.21 completed"]);
  assert.deepEqual(course(tasks, "kept"), []);
});

Deno.test("waiting for a person is told apart, also after it was decided", () => {
  const asked = (status: TimelineDecision["status"], from: number, to: number | null) => ({
    task_id: "a",
    status,
    created_at: new Date(from).toISOString(),
    decided_at: to === null ? null : new Date(to).toISOString(),
    expires_at: new Date(99_000).toISOString(),
  });
  const ran = task("a", { attempts: [attempt(1, [650, 800])] });
  const decided = [asked("approved", 200, 600)];
  assert.deepEqual(course([ran], "a", decided), [
    "wait 0-0.2",
    "person 0.2-0.6 approved",
    "wait 0.6-0.65",
    "run 0.65-0.8 completed",
  ]);
  const [lane] = timelineOf([ran], { from: 0, to: 1_000, decisions: decided }).lanes;
  assert.deepEqual([lane?.waitedMs, lane?.askedMs, lane?.ranMs], [250, 400, 150]);

  const waits = task("a", { status: "awaiting_decision" });
  assert.deepEqual(course([waits], "a", [asked("open", 200, null)]), [
    "wait 0-0.2",
    "person 0.2-1 open",
  ]);
  const refused = task("a", { status: "skipped", finished_at: iso(700) });
  assert.deepEqual(course([refused], "a", [asked("rejected", 100, 700)]), [
    "wait 0-0.1",
    "person 0.1-0.7 rejected",
  ]);
  // A gate is nothing but the question, and a second one comes after the first.
  const gate = task("a", { started_at: iso(0), finished_at: iso(900) });
  const twice = [asked("expired", 0, 300), asked("rejected", 400, 900)];
  assert.deepEqual(course([gate], "a", twice), [
    "person 0-0.3 expired",
    "run 0.3-0.4 completed",
    "person 0.4-0.9 rejected",
  ]);
});

Deno.test("of a large run the lanes that matter are kept, in the order of their start", () => {
  const many = Array.from(
    { length: 500 },
    (_, at) => task(`t${at}`, { attempts: [attempt(1, [at, at + 10])] }),
  );
  const failed = task("bad", {
    status: "failed",
    attempts: [attempt(1, [7, 8], { status: "failed" })],
  });
  const { lanes, total } = timelineOf([...many, failed], { from: 0, to: 1_000 });
  assert.equal(lanes.length, MOST_LANES);
  assert.equal(total, 501);
  assert.ok(lanes.some(({ task_id }) => task_id === "bad"));
  assert.ok(lanes.some(({ task_id, isCritical }) => task_id === "t499" && isCritical));
  const starts = lanes.map(({ spans }) => spans[0]?.from ?? 0);
  assert.deepEqual(starts, [...starts].sort((a, b) => a - b));
});

Deno.test("marks are at round times and few", () => {
  for (const length of [1, 7, 340, 1_000, 61_000, 3_600_000, 90 * 86_400_000]) {
    const ticks = ticksOf(length);
    assert.ok(ticks.length >= 1 && ticks.length <= 6, `${length}: ${ticks.length}`);
    assert.ok(ticks.every(({ at }) => at >= 0 && at <= 1));
  }
  assert.deepEqual(ticksOf(3_400).map(({ ms }) => ms), [0, 1_000, 2_000, 3_000]);
});
