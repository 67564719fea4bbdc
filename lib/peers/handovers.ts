/**
 * Hands runs to other nodes: one `Handover` for each, woken by what happens here, tried again with
 * growing pauses while the other node can't be reached or refuses.
 */
import { pause } from "../api/pause.ts";
import type { Node } from "../node.ts";
import type { EventView } from "../schema/api.ts";
import { Handover } from "./handover.ts";

/** Pauses between attempts, in milliseconds. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Events after which there may be something new to do about a run. */
const WAKING = new Set(["run.queued", "run.cancelled", "run.failed"]);

export class Handovers {
  readonly #node: Node;
  /** How to wake those that are under way. */
  readonly #active = new Map<string, () => void>();
  #unsubscribe = (): void => {};

  constructor(node: Node) {
    this.#node = node;
  }

  /** Takes up what an earlier life left, and from then on what comes. Ends with the node. */
  start(): void {
    this.#unsubscribe = this.#node.events.subscribe((events) => this.#wake(events));
    this.#node.ending.addEventListener("abort", () => this.#unsubscribe(), { once: true });
    for (const { run_id } of this.#node.handovers.open()) this.#begin(run_id);
  }

  #wake(events: readonly EventView[]): void {
    for (const { type, run_id } of events) {
      if (run_id === null || !WAKING.has(type)) continue;
      const wake = this.#active.get(run_id);
      if (wake !== undefined) wake();
      else if (this.#node.elsewhere(run_id) !== undefined) this.#begin(run_id);
    }
  }

  #begin(runId: string): void {
    this.#drive(runId).catch((error) => this.#node.report(`run ${runId}: ${String(error)}`))
      .finally(() => this.#active.delete(runId));
  }

  async #drive(runId: string): Promise<void> {
    const { ending } = this.#node;
    const handover = new Handover(this.#node, runId);
    for (let failures = 0; !ending.aborted;) {
      const woken = new AbortController();
      this.#active.set(runId, () => woken.abort());
      const signal = AbortSignal.any([ending, woken.signal]);
      try {
        if (await handover.step(signal) === "done") return;
        failures = 0;
      } catch (error) {
        if (ending.aborted) return;
        // Woken: there is something new to do, which is no failure.
        if (woken.signal.aborted) continue;
        await handover.explain(error instanceof Error ? error.message : String(error));
        await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures++, LONGEST_PAUSE_MS), signal);
      }
    }
  }
}
