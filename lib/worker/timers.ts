/** Named timers of one thing: setting one again moves it, and all can be called off at once. */
export class Timers<Name extends string> {
  readonly #timers = new Map<Name, ReturnType<typeof setTimeout>>();

  /** Calls `fire` once after `ms`, in place of an earlier timer of that name. */
  set(name: Name, ms: number, fire: () => void): void {
    this.clear(name);
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        fire();
      }, ms),
    );
  }

  /** Whether a timer of that name runs. */
  has(name: Name): boolean {
    return this.#timers.has(name);
  }

  /** Calls a timer off. */
  clear(name: Name): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  /** Calls every timer off. */
  clearAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
