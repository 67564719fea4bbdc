/** When other nodes of the room were last heard, in this life of the node: by the clock that can't be set. */

export class NodePresence {
  readonly #heard = new Map<string, number>();
  readonly #now: () => number;

  /** @param now milliseconds that never go back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Something came from an account. */
  heard(userId: string): void {
    this.#heard.set(userId, this.#now());
  }

  /** How long ago that was, in milliseconds; undefined: nothing came so far. */
  silence(userId: string): number | undefined {
    const at = this.#heard.get(userId);
    return at === undefined ? undefined : this.#now() - at;
  }
}
