/** Raised by what happens, lowered by who looks: many changes between two looks are one. */
export class ChangeFlag {
  #isRaised = false;
  #isOver = false;
  #wake = (): void => {};

  /** Something changed. */
  raise(): void {
    this.#isRaised = true;
    this.#wake();
  }

  /** Nothing will change any more. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Waits until something changed since the last look. @returns false when that was all */
  async next(): Promise<boolean> {
    while (!this.#isRaised && !this.#isOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const wasRaised = this.#isRaised;
    this.#isRaised = false;
    return wasRaised;
  }
}
