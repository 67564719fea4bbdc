/**
 * Which attempts have been taken on, and how the last of them ended. What the worker doesn't name when
 * it says that it is ready, the node sends again: that may have been on its way, or be done by now.
 * Nothing is carried out twice; a result that got lost on the way is told again.
 */
import type { TaskDispatch, TaskResult } from "../../schema/room_events.ts";
import { listContent } from "./pack_content.ts";

const MOST_TAKEN = 20_000;
const MOST_RESULTS = 2_000;

/** What to do about a dispatch. */
export interface SortedDispatch {
  /** The content with only what is to be carried out. */
  readonly fresh: unknown;
  /** Content of a `task.result` for what is done already; undefined when there is none. */
  readonly results: string | undefined;
}

export class KnownDispatches {
  readonly #taken = new Set<string>();
  /** By lease, as JSON text. */
  readonly #results = new Map<string, string>();

  /** Tells apart what is new and what isn't. @param content of a `task.dispatch` */
  sort(content: unknown): SortedDispatch {
    const { tasks } = (content ?? {}) as { tasks?: TaskDispatch[] };
    if (!Array.isArray(tasks)) return { fresh: content, results: undefined };
    const fresh = tasks.filter((task) => !this.#taken.has(task?.lease));
    const known = tasks.filter((task) => this.#taken.has(task?.lease));
    for (const task of fresh) this.#taken.add(task?.lease);
    forget(this.#taken, MOST_TAKEN);
    const ended = known.flatMap(({ lease }) => this.#results.get(lease) ?? []);
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
    for (const result of results) this.#results.set(result.lease, JSON.stringify(result));
    forget(this.#results, MOST_RESULTS);
  }
}

/** Drops the oldest. */
function forget(
  from: { readonly size: number; keys(): Iterable<string>; delete(key: string): boolean },
  most: number,
): void {
  for (const key of from.keys()) {
    if (from.size <= most) return;
    from.delete(key);
  }
}
