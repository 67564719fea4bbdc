/**
 * What a page shows of a run that goes on, made once for everybody who looks at the same: two
 * hundred readers cost the node as much as one.
 */
import type { Node } from "../node.ts";

/** A view at some point of the run. */
export interface ViewState {
  /** The last event that it knows of. */
  readonly seq: number;
  /** JSON. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How to make a view, and for whom. */
export interface ViewSource {
  readonly node: Node;
  readonly runId: string;
  /** Two with the same key show the same. */
  readonly key: string;
  readonly make: () => unknown;
}

/** Shortest time from one view to the next in milliseconds. */
const REST_MS = 250;
/** What sending a view to one follower may take of that time in milliseconds: with many it rests longer. */
const REST_PER_FOLLOWER_MS = 8;
/** How often a view is made without anything having happened: what runs gets longer. */
const TICK_MS = 5_000;
/** A view may take this share of the node's time; one of thousands of tasks takes long to make. */
const REST_SHARE = 9;

const shared = new WeakMap<Node, Map<string, SharedView>>();

/** Follows a view; `wake` is called for each new state. @returns it, and how to leave it */
export function followView(
  source: ViewSource,
  wake: () => void,
): { readonly view: SharedView; readonly leave: () => void } {
  const views = shared.get(source.node) ?? new Map<string, SharedView>();
  shared.set(source.node, views);
  const view = views.get(source.key) ?? new SharedView(source);
  views.set(source.key, view);
  view.followers.add(wake);
  return {
    view,
    leave: () => {
      view.followers.delete(wake);
      if (view.followers.size > 0) return;
      view.close();
      if (views.get(source.key) === view) views.delete(source.key);
    },
  };
}

/** One view and who follows it. */
export class SharedView {
  readonly followers = new Set<() => void>();
  state: ViewState | undefined;
  readonly #source: ViewSource;
  readonly #unsubscribe: () => void;
  readonly #ticks: ReturnType<typeof setInterval>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restUntil = 0;

  constructor(source: ViewSource) {
    this.#source = source;
    this.#unsubscribe = source.node.events.subscribe((events) => {
      if (events.some((event) => event.run_id === source.runId)) this.refresh();
    });
    this.#ticks = setInterval(() => this.refresh(), TICK_MS);
  }

  /** Whether something has happened to the run after an event. */
  isOld(seq: number): boolean {
    const { node, runId } = this.#source;
    return node.events.read({ runId, after: seq, limit: 1 }).length > 0;
  }

  /** Makes the view anew: at once, or when it has rested. Changes in between are shown together. */
  refresh(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#restUntil - performance.now());
    this.#timer = setTimeout(() => this.#make(), wait);
  }

  /** Nobody looks any more. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#ticks);
    clearTimeout(this.#timer);
  }

  #make(): void {
    this.#timer = undefined;
    const { node, runId, make } = this.#source;
    const begun = performance.now();
    try {
      // Before the view is made: what happens in between is then shown once more, and not missed.
      const seq = node.events.latest();
      this.state = { seq, bytes: new TextEncoder().encode(JSON.stringify(make())) };
    } catch (error) {
      // Nobody waits for this call who could be told.
      node.report(`the page of ${runId} could not be made anew: ${String(error)}`);
    }
    this.#restUntil = performance.now() + Math.max(
      REST_MS,
      REST_SHARE * (performance.now() - begun),
      REST_PER_FOLLOWER_MS * this.followers.size,
    );
    for (const wake of this.followers) wake();
  }
}
