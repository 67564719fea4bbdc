/** What the worker has said and the node has not confirmed yet, in order. */

interface Kept {
  readonly frame: string;
  readonly onSent: (() => void) | undefined;
}

/**
 * Above this many characters there is no room for more output, until half of it is confirmed. Enough
 * to keep the node busy; more would only make the lines of other tasks wait behind it.
 */
const FULL = 2 * 1024 * 1024;

export class Outbox {
  readonly #kept = new Map<number, Kept>();
  #size = 0;
  #lastTxn = 0;
  #waitingForRoom: (() => void)[] = [];
  #waitingForEmpty: (() => void)[] = [];

  /** The next number; each is given once. */
  nextTxn(): number {
    return ++this.#lastTxn;
  }

  /** Keeps a frame until it is confirmed; never drops one. */
  keep(txn: number, frame: string, onSent?: () => void): void {
    this.#kept.set(txn, { frame, onSent });
    this.#size += frame.length;
  }

  /** The node has the frame of this number. */
  confirm(txn: number): void {
    const kept = this.#kept.get(txn);
    if (kept === undefined) return;
    this.#kept.delete(txn);
    this.#size -= kept.frame.length;
    kept.onSent?.();
    if (this.#size <= FULL / 2) this.#waitingForRoom = release(this.#waitingForRoom);
    if (this.#kept.size === 0) this.#waitingForEmpty = release(this.#waitingForEmpty);
  }

  /** The frames, oldest first. */
  frames(): string[] {
    return Array.from(this.#kept.values(), ({ frame }) => frame);
  }

  /** Settles when there is room for more output; undefined while there is. */
  room(): Promise<void> | undefined {
    if (this.#size < FULL) return undefined;
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Settles when all is confirmed. */
  empty(): Promise<void> {
    if (this.#kept.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForEmpty.push(resolve));
  }
}

function release(waiting: readonly (() => void)[]): (() => void)[] {
  for (const resolve of waiting) resolve();
  return [];
}
