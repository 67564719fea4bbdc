/**
 * Memory where no control group counts it: looks at the resident memory of each task's processes a
 * few times a second while tasks run, and ends what takes too much. A task can outgrow its limit for
 * as long as a look takes; a control group would not let it.
 */
import type { AttemptRef } from "../schema/room_events.ts";
import { descendants, environmentOf, type ProcessEntry, readProcesses } from "./process_table.ts";

/** A worker whose tasks are watched. */
export interface WatchedWorker {
  readonly workerId: string;
  readonly pid: number;
  /** Bytes that all of its tasks may have together. */
  readonly limit: number | null;
  /** Bytes that one attempt may have. */
  attemptLimit(ref: Omit<AttemptRef, "lease">): number | null;
}

/** What the watch works with. */
export interface MemoryWatchParts {
  /** Workers with tasks that run. */
  readonly workers: () => readonly WatchedWorker[];
  /** Ends an attempt of a worker as out of memory. */
  readonly end: (workerId: string, ref: Omit<AttemptRef, "lease">, reason: string) => void;
  readonly processes?: () => ProcessEntry[];
}

const INTERVAL_MS = 200;

export class MemoryWatch {
  readonly #parts: MemoryWatchParts;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: MemoryWatchParts) {
    this.#parts = parts;
  }

  /** Looks from now on, until no tasks run any more. */
  wake(): void {
    this.#timer ??= setInterval(() => {
      if (!this.runOnce()) this.rest();
    }, INTERVAL_MS);
  }

  /** Looks no more, until it is woken again. */
  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks once at everything. @returns whether there was something to look at */
  runOnce(): boolean {
    const workers = this.#parts.workers();
    if (workers.length === 0) return false;
    const processes = (this.#parts.processes ?? readProcesses)();
    for (const worker of workers) this.#look(worker, processes);
    return true;
  }

  #look(worker: WatchedWorker, processes: readonly ProcessEntry[]): void {
    const attempts = attemptsOf(worker.pid, processes);
    for (const { ref, rss } of attempts) {
      const limit = worker.attemptLimit(ref);
      if (limit !== null && rss > limit) this.#end(worker, ref, { rss, limit, whose: "it" });
    }
    const total = attempts.reduce((sum, { rss }) => sum + rss, 0);
    const [largest] = attempts.toSorted((a, b) => b.rss - a.rss);
    if (worker.limit === null || total <= worker.limit || largest === undefined) return;
    this.#end(worker, largest.ref, {
      rss: total,
      limit: worker.limit,
      whose: "its worker's tasks",
    });
  }

  #end(
    { workerId }: WatchedWorker,
    ref: Omit<AttemptRef, "lease">,
    { rss, limit, whose }: { rss: number; limit: number; whose: string },
  ): void {
    const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
    const reason = `was ended since ${whose} used more memory than ${mib(limit)}, with ${
      mib(rss)
    } at its peak`;
    this.#parts.end(workerId, ref, reason);
  }
}

/** What runs below a worker: the process of each attempt says in its environment which one it is. */
function attemptsOf(
  workerPid: number,
  processes: readonly ProcessEntry[],
): { readonly ref: Omit<AttemptRef, "lease">; readonly rss: number }[] {
  return processes.filter(({ parent }) => parent === workerPid)
    .flatMap((first) => {
      const environment = environmentOf(first.pid);
      const run_id = environment.get("CIS_RUN_ID");
      const task_id = environment.get("CIS_TASK_ID");
      if (run_id === undefined || task_id === undefined) return [];
      const attempt = Number(environment.get("CIS_ATTEMPT"));
      const below = [first, ...descendants(processes, first.pid)];
      return [{
        ref: { run_id, task_id, attempt },
        rss: below.reduce((sum, { rss }) => sum + rss, 0),
      }];
    });
}
