/** The simulation itself: the same seed is the same story, and file order means nothing. */
import assert from "node:assert/strict";
import { simulate } from "./simulation.ts";

async function traceOf(seed: number): Promise<string[]> {
  const lines: string[] = [];
  await simulate({ seed, onTrace: (line) => lines.push(line) });
  // Workers of a run's own have random names.
  return lines.map((line) => line.replace(/worker-project-own-[0-9a-f]{8}/g, "own"));
}

Deno.test("a seed tells the same story each time, whatever ran before", async () => {
  for (const seed of [3, 14, 159, 2653]) {
    const first = await traceOf(seed);
    await simulate({ seed: seed + 1 });
    assert.deepEqual(await traceOf(seed), first, `seed ${seed}`);
    assert.ok(first.length > 10, "nothing happens in it");
  }
});

Deno.test("the order of the tasks in the file changes nothing of what becomes of them", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const { outcome } = await simulate({ seed });
    const other = await simulate({ seed, shuffle: true });
    assert.deepEqual(other.outcome, outcome, `seed ${seed}`);
  }
});

/** What runs, tasks, rollbacks, decisions, debts and schedules can come to. */
const TOLD = [
  ...["run.paused", "run.completed", "run.failed", "run.cancelled", "run.rolling_back"],
  ...["task.completed", "task.failed", "task.debt", "task.skipped", "task.cancelled"],
  ...["task.retry_wait", "task.awaiting_decision", "rollback.done", "rollback.failed"],
  ...["decision.approved", "decision.rejected", "decision.expired", "decision.withdrawn"],
  ...["decision.voted", "debt.opened", "debt.resolved", "schedule.set", "schedule.missed"],
  ...["dag.superseded", "dag.rejected", "dag.expired"],
];

Deno.test("what can happen does happen in some of the first seeds", async () => {
  const told = new Set<string>();
  const onTrace = (line: string): unknown => told.add(/· (\S+)/.exec(line)?.[1] ?? "");
  for (let seed = 1; seed <= 500; seed++) await simulate({ seed, onTrace });
  assert.deepEqual(TOLD.filter((type) => !told.has(type)), []);
});
