/** Which attempt ends for memory where the machine doesn't count it: processes with made-up sizes. */
import assert from "node:assert/strict";
import { MemoryWatch, type WatchedWorker } from "../../lib/worker/memory_watch.ts";
import type { ProcessEntry } from "../../lib/worker/process_table.ts";

const MIB = 1024 ** 2;
const NOBODY = 2 ** 30;

/**
 * Processes of two attempts, `a` with a child of its own, below this process as their worker; `c` is
 * another worker's.
 */
class Tasks implements AsyncDisposable {
  readonly #processes = ["a", "b", "c"].map((task, at) =>
    new Deno.Command("sleep", {
      args: ["600"],
      clearEnv: true,
      env: { CIS_RUN_ID: "run", CIS_TASK_ID: task, CIS_ATTEMPT: String(at + 1) },
    }).spawn()
  );

  entries(): ProcessEntry[] {
    const [a = 0, b = 0, c = 0] = this.#processes.map(({ pid }) => pid);
    return [
      { pid: a, parent: Deno.pid, rss: 40 * MIB },
      { pid: NOBODY, parent: a, rss: 30 * MIB },
      { pid: NOBODY + 1, parent: NOBODY, rss: 30 * MIB },
      { pid: b, parent: Deno.pid, rss: 60 * MIB },
      { pid: c, parent: NOBODY + 2, rss: 900 * MIB },
      // None of a task.
      { pid: Deno.pid, parent: 1, rss: 900 * MIB },
      { pid: NOBODY + 2, parent: Deno.pid, rss: 900 * MIB },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) process.kill("SIGKILL");
    await Promise.all(this.#processes.map(({ status }) => status));
  }
}

/** Looks once. @returns what was ended, and why */
async function look(
  limits: { all?: number; each?: number },
): Promise<{ ended: string[]; reasons: string[] }> {
  await using tasks = new Tasks();
  const [ended, reasons]: [string[], string[]] = [[], []];
  const worker: WatchedWorker = {
    workerId: "worker-global",
    pid: Deno.pid,
    limit: limits.all === undefined ? null : limits.all * MIB,
    attemptLimit: () => limits.each === undefined ? null : limits.each * MIB,
  };
  const watch = new MemoryWatch({
    workers: () => [worker],
    processes: () => tasks.entries(),
    end: (workerId, { run_id, task_id, attempt }, reason) => {
      ended.push(`${workerId} ${run_id} ${task_id} ${attempt}`);
      reasons.push(reason);
    },
  });
  assert.equal(watch.runOnce(), true);
  return { ended, reasons };
}

Deno.test("an attempt whose processes take more than it may have together is ended, with the peak", async () => {
  const { ended, reasons } = await look({ each: 99 });
  assert.deepEqual(ended, ["worker-global run a 1"]);
  assert.match(
    reasons[0] ?? "",
    /^was ended since it used more memory than 99 MiB, with 100 MiB at/,
  );
});

Deno.test("of tasks that take too much together the largest is ended", async () => {
  const { ended, reasons } = await look({ all: 159, each: 100 });
  assert.deepEqual(ended, ["worker-global run a 1"]);
  assert.match(
    reasons[0] ?? "",
    /since its worker's tasks used more memory than 159 MiB, with 160 MiB/,
  );
});

Deno.test("as much as may be is not too much, and without limits nothing is", async () => {
  for (const limits of [{ all: 160, each: 100 }, {}]) {
    assert.deepEqual((await look(limits)).ended, []);
  }
});

Deno.test("where no tasks run there is nothing to look at", () => {
  const watch = new MemoryWatch({
    workers: () => [],
    processes: () => assert.fail("it looked"),
    end: () => assert.fail("it ended something"),
  });
  assert.equal(watch.runOnce(), false);
});
