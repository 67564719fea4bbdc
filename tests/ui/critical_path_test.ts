import assert from "node:assert/strict";
import { criticalPath, type TimedTask } from "../../lib/ui/critical_path.ts";

/** A task from one second to another; no end: it runs; no times: it has not begun. */
function task(id: string, dependsOn: string[], times: [number, number?] | [] = []): TimedTask {
  const at = (second: number | undefined): string | null =>
    second === undefined ? null : new Date(second * 1_000).toISOString();
  return {
    task_id: id,
    depends_on: dependsOn,
    started_at: at(times[0]),
    finished_at: at(times[1]),
  };
}

Deno.test("the critical path goes back along what was waited for the longest", () => {
  const tasks = [
    task("a", [], [0, 1]),
    task("short", ["a"], [1, 2]),
    task("long", ["a"], [1, 5]),
    task("aside", [], [0, 4]),
    task("end", ["short", "long"], [5, 6]),
  ];
  assert.deepEqual(criticalPath(tasks), ["a", "long", "end"]);
});

Deno.test("a task that ended last is at its end, whether others depend on it or not", () => {
  assert.deepEqual(criticalPath([task("a", [], [0, 1]), task("b", [], [0, 9])]), ["b"]);
});

Deno.test("what runs is ahead of what has ended, and of two that run the one that began first", () => {
  const tasks = [
    task("a", [], [0, 1]),
    task("done", [], [0, 8]),
    task("early", ["a"], [1]),
    task("late", [], [5]),
  ];
  assert.deepEqual(criticalPath(tasks), ["a", "early"]);
});

Deno.test("what was never started is on no path", () => {
  assert.deepEqual(criticalPath([]), []);
  assert.deepEqual(criticalPath([task("a", []), task("b", ["a"])]), []);
  assert.deepEqual(criticalPath([task("skipped", []), task("b", ["skipped"], [0, 1])]), ["b"]);
});

Deno.test("a chain of ten thousand tasks is followed to its beginning", () => {
  const tasks = Array.from(
    { length: 10_000 },
    (_, at) => task(`t${at}`, at === 0 ? [] : [`t${at - 1}`], [at, at + 1]),
  );
  assert.equal(criticalPath(tasks).length, 10_000);
});
