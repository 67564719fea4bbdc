/**
 * Dispatch is driven by events: with every timer of the process stopped, work still flows, and a
 * node with nothing to do has nothing ticking. A polling interval would show here.
 */
import assert from "node:assert/strict";
import { getRun, publishDag, runEnded, startDag } from "../helpers/test_node.ts";
import { ManualTimer } from "../helpers/manual_timer.ts";
import { dagOf, withWorker } from "../helpers/with_worker.ts";

/** Takes the place of the global timers: none ever fires, and all that are set are known. */
class StoppedTimers implements Disposable {
  readonly #real = { setTimeout, setInterval, clearTimeout, clearInterval };
  readonly #waiting = new Map<number, { readonly ms: number; readonly repeats: boolean }>();
  #last = 0;
  /** Timers that repeat, as they were set. */
  readonly intervals: number[] = [];

  constructor() {
    const set = (repeats: boolean) => (_fire: unknown, ms = 0): number => {
      if (repeats) this.intervals.push(ms);
      this.#waiting.set(++this.#last, { ms, repeats });
      return this.#last;
    };
    const clear = (id?: unknown): void => void this.#waiting.delete(Number(id));
    Object.assign(globalThis, {
      setTimeout: set(false),
      setInterval: set(true),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  /** The timers that are set and not called off, by their length in milliseconds. */
  get waiting(): number[] {
    return [...this.#waiting.values()].map(({ ms }) => ms).sort((a, b) => a - b);
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
  }
}

/** Looks at limits while tasks run (lib/worker/memory_watch.ts, disk_watch.ts). */
const WATCHES_MS = [200, 1_000];
/**
 * Upkeep that nobody waits for: removing old output (lib/scheduler/log_pruner.ts), a look at whether
 * the process of a worker that somebody else started is there (lib/worker/worker_process.ts), and how
 * long that worker may be silent.
 */
const UPKEEP_MS = [500, 10_000, 15_000];
/** What of it repeats by itself. */
const REPEATED_MS = [10_000, 200];

Deno.test("with all timers stopped a run goes through, and a node with nothing due waits for nothing", async () => {
  using timers = new StoppedTimers();
  const alarms = new ManualTimer();
  await withWorker(async ({ node, fetch, worker }) => {
    assert.deepEqual(timers.waiting, UPKEEP_MS, "an idle node waits for nothing else");
    assert.equal(alarms.next, undefined);

    const { run_id } = await startDag(fetch, dagOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] }));
    for (let task = 0; task < 4; task++) {
      const next = await worker.take();
      // While tasks run, what they use is looked at; nothing is handed out by that.
      assert.deepEqual(
        timers.waiting,
        [...UPKEEP_MS, ...WATCHES_MS].toSorted((a, b) => a - b),
        "a node that waits for its worker waits for nothing else",
      );
      await worker.finish(next);
    }
    await runEnded(node, run_id);
    assert.equal((await getRun(fetch, run_id)).status, "completed");
    assert.deepEqual(timers.waiting, UPKEEP_MS);
    assert.deepEqual(timers.intervals, REPEATED_MS, "and nothing else repeats");
    // Nothing that this test does expires: the one alarm was set for the confirmation, and may stay.
    alarms.advance(24 * 60 * 60_000);
    // What it set off is written before this is.
    await node.db.write(() => {});
    assert.equal(alarms.next, undefined, "with no version waiting and no run open no alarm is set");

    // What is due at a time has an alarm, one for all.
    await publishDag(fetch, dagOf({ a: [] }, { dag_id: "waits" }));
    assert.equal(alarms.next, 300_000);
    await startDag(fetch, dagOf({ a: [] }, { dag_id: "limited", timeout: "60s" }));
    assert.equal(alarms.next, 60_000);
  }, { timer: alarms });
  assert.deepEqual(timers.waiting, [], "a node that has stopped leaves no timer");
});
