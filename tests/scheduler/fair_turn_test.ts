/** Long simulations of one worker whose slots are always wanted by more runs than it has. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Candidate, fairTurn } from "../../lib/scheduler/fair_turn.ts";

const AGE_MS = 60_000;

interface SimulatedRun {
  readonly runId: string;
  readonly rank: number;
  readonly createdAt: number;
  readonly taskMs: number;
  running: number;
  servedAt: number;
  lastTurn: number;
  /** Tasks handed out, and the longest time between two of them. */
  served: number;
  longestWait: number;
}

function simulated(runId: string, rank: number, taskMs: number): SimulatedRun {
  return {
    runId,
    rank,
    taskMs,
    createdAt: 0,
    running: 0,
    servedAt: 0,
    lastTurn: 0,
    served: 0,
    longestWait: 0,
  };
}

/** Lets the runs share the slots until `endMs`; each always has a task ready. */
function simulate(runs: readonly SimulatedRun[], slots: number, endMs: number): void {
  const ends: { at: number; run: SimulatedRun }[] = [];
  let now = 0;
  let turns = 0;
  let free = slots;
  while (now < endMs) {
    while (free > 0) {
      const turn = fairTurn(runs.map(candidate), { now, ageMs: AGE_MS });
      assert.ok(turn);
      const run = runs.find(({ runId }) => runId === turn.runId);
      assert.ok(run);
      run.longestWait = Math.max(run.longestWait, now - run.servedAt);
      Object.assign(run, {
        running: run.running + 1,
        servedAt: now,
        lastTurn: ++turns,
        served: run.served + 1,
      });
      ends.push({ at: now + run.taskMs, run });
      free--;
    }
    ends.sort((a, b) => a.at - b.at);
    const next = ends.shift();
    assert.ok(next);
    now = next.at;
    next.run.running--;
    free++;
  }
  for (const run of runs) run.longestWait = Math.max(run.longestWait, now - run.servedAt);
}

function candidate(
  { taskMs: _, served: _served, longestWait: _wait, ...run }: SimulatedRun,
): Candidate {
  return { ...run, waitingSince: Math.max(run.createdAt, run.servedAt) };
}

Deno.test("no run waits longer than its way up to the most urgent, whatever else there is", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          rank: fc.integer({ min: 0, max: 3 }),
          taskMs: fc.integer({ min: 500, max: 20_000 }),
        }),
        { minLength: 2, maxLength: 12 },
      ),
      fc.integer({ min: 1, max: 6 }),
      (kinds, slots) => {
        const runs = kinds.map(({ rank, taskMs }, at) => simulated(`r${at}`, rank, taskMs));
        simulate(runs, slots, 3_600_000);
        const longestTask = Math.max(...runs.map(({ taskMs }) => taskMs));
        for (const run of runs) {
          // One step above urgent, and then its turn among those that have risen as high.
          const bound = (4 - run.rank) * AGE_MS + runs.length * (AGE_MS / 2 + longestTask);
          assert.ok(
            run.longestWait <= bound,
            `${run.runId} waited ${run.longestWait} of ${bound} ms`,
          );
        }
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("a low run gets little beside an endless urgent one, but it gets something", () => {
  const [urgent, low] = [simulated("urgent", 3, 1_000), simulated("low", 0, 1_000)];
  simulate([urgent, low], 1, 24 * 3_600_000);
  assert.ok(low.served >= 300, `${low.served} in a day`);
  assert.ok(urgent.served > 100 * low.served, `${urgent.served} against ${low.served}`);
});

Deno.test("runs of one priority get the same share of the slots, whoever came first", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 7 }),
      fc.integer({ min: 1, max: 9 }),
      (count, slots) => {
        const runs = Array.from({ length: count }, (_, at) => simulated(`r${at}`, 1, 1_000));
        simulate(runs, slots, 600_000);
        const shares = runs.map(({ served }) => served);
        const spread = Math.max(...shares) - Math.min(...shares);
        assert.ok(spread <= slots, `${shares} of ${slots} slots`);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("the order of candidates doesn't matter", () => {
  const time = { now: 1_000_000, ageMs: AGE_MS };
  const some = fc.record({
    rank: fc.integer({ min: 0, max: 3 }),
    waitingSince: fc.integer({ min: 0, max: 1_000_000 }),
    running: fc.integer({ min: 0, max: 3 }),
    lastTurn: fc.integer({ min: 0, max: 3 }),
    createdAt: fc.integer({ min: 0, max: 3 }),
    runId: fc.string({ minLength: 1, maxLength: 2 }),
  });
  const list = fc.uniqueArray(some, { selector: ({ runId }) => runId, minLength: 1 });
  fc.assert(fc.property(list, (candidates) => {
    assert.equal(
      fairTurn(candidates, time)?.runId,
      fairTurn([...candidates].reverse(), time)?.runId,
    );
  }));
});
