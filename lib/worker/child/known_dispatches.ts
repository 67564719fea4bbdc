/**
 * Which attempts have been taken on, and how the last of them ended. What the worker doesn't name when
 * it says that it is ready, the node sends again: that may have been on its way, or be done by now.
 * Nothing is carried out twice; a result that got lost on the way is told again.
 */
import type { TaskDispatch, TaskResult } from "../../schema/room_events.ts";
import { listContent } from "./pack_content.ts";

/** Most leases that are remembered. */
const MOST_TAKEN = 20_000;
/** Most of their results, in characters. */
const MOST_RESULTS = 16 * 1024 * 1024;

/** What to do about a dispatch. */
export interface SortedDispatch {
  /** The content with only what is to be carried out. */
  readonly fresh: unknown;
  /** Content of a `task.result` for what is done already; undefined when there is none. */
  readonly results: string | undefined;
}

export class KnownDispatches {
  /**
   * By lease the result, as JSON text; empty while there is none. A lease goes with its result: one that
   * is known and has no answer would be waited for for ever.
   */
  readonly #taken = new Map<string, string>();
  #size = 0;

  /** Tells apart what is new and what isn't. @param content of a `task.dispatch` */
  sort(content: unknown): SortedDispatch {
    const { tasks } = (content ?? {}) as { tasks?: TaskDispatch[] };
    if (!Array.isArray(tasks)) return { fresh: content, results: undefined };
    const fresh = tasks.filter((task) => !this.#taken.has(task?.lease));
    const known = tasks.filter((task) => this.#taken.has(task?.lease));
    for (const task of fresh) this.#taken.set(task?.lease, "");
    this.#forget();
    const ended = known.map(({ lease }) => this.#taken.get(lease) ?? "").filter((json) =>
      json !== ""
    );
    return {
      fresh: { ...content as object, tasks: fresh },
      results: ended.length === 0
        ? undefined
        : listContent("results", ended.map((json) => ({ json }))),
    };
  }

  /** Attempts have ended. @param content of a `task.result` */
  ended(content: string): void {
    const { results } = JSON.parse(content) as { results: TaskResult[] };
    for (const result of results) {
      const json = JSON.stringify(result);
      this.#size += json.length - (this.#taken.get(result.lease)?.length ?? 0);
      this.#taken.set(result.lease, json);
    }
    this.#forget();
  }

  /** Drops the oldest; what runs is known to who runs it as well. */
  #forget(): void {
    for (const [lease, json] of this.#taken) {
      if (this.#taken.size <= MOST_TAKEN && this.#size <= MOST_RESULTS) return;
      this.#taken.delete(lease);
      this.#size -= json.length;
    }
  }
}
