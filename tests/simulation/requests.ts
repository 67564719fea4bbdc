/**
 * Requests of people to a node that may be down, fail, or die before it answers, and whose answers
 * may get lost: who has no answer asks the same again, until there is one.
 */
import type { Tx } from "../../lib/db/database.ts";
import { CisError } from "../../lib/errors.ts";
import type { SimNode } from "./sim_node.ts";
import type { World } from "./world.ts";

/** Something that a person wants. */
export interface Request<T> {
  /** For the trace. */
  readonly what: string;
  /** Done once, however often it is asked for. */
  readonly key?: string;
  /** Within the transaction of the change; the answer goes over the wire. */
  perform(tx: Tx, node: SimNode): T;
  answered?(answer: T): void;
  refused?(error: CisError): void;
}

/** How long a person waits for an answer. */
const PATIENCE_MS = 5_000;

export class Requests {
  readonly #world: World;
  #open = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** How many have no answer yet. */
  get open(): number {
    return this.#open;
  }

  /** Asks, after a while, until there is an answer. */
  ask<T>(request: Request<T>, wait = 0): void {
    this.#open++;
    this.#world.time.after(wait, () => this.#try(request));
  }

  #try<T>(request: Request<T>): void {
    const { time, chance, plan, node } = this.#world;
    const later = (): void => void time.after(chance.span(50, 2_000), () => this.#try(request));
    if (node?.isReady !== true) return later();
    this.#world.trace(() => `somebody asks: ${request.what}`);
    let isOver = false;
    const over = (then: () => void) => (): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      then();
    };
    const cancel = time.after(PATIENCE_MS, over(later));
    const isLost = chance.happens(plan.lostAnswers);
    const settle = (then: () => void): void => {
      if (isLost) return;
      over(() => {
        this.#open--;
        then();
      })();
    };
    this.#perform(request, node).then(
      (answer) => settle(() => request.answered?.(answer)),
      (error) => {
        if (!(error instanceof CisError)) return over(later)();
        this.#world.trace(() => `refused: ${request.what}: ${error.message}`);
        settle(() => request.refused?.(error));
      },
    );
  }

  async #perform<T>(request: Request<T>, node: SimNode): Promise<T> {
    const { key, perform, what } = request;
    if (key === undefined) return await node.db.write((tx) => perform(tx, node));
    const named = { tokenId: "owner", key, method: "POST", path: what, body: "" };
    const response = await node.idempotency.once(named, async (keep) => {
      const body = await node.db.write((tx) => {
        const text = JSON.stringify(perform(tx, node));
        keep(tx, { status: 200, body: text });
        return text;
      });
      return new Response(body);
    });
    return await response.json();
  }
}
