/**
 * Tells workers that their node is there, once a heartbeat, and by that finds out whether the homeserver
 * answers at all: one that takes requests and answers none is away, though for long nothing says so.
 */
import type { DirectMessages } from "./direct_messages.ts";

/** What it takes. */
export interface NodePulseOptions {
  readonly direct: DirectMessages;
  readonly heartbeatMs: number;
  /** Whom to tell, each with the last event of theirs that was dealt with. */
  readonly users: () => readonly (readonly [string, string | undefined])[];
  /** It is known that nothing comes through. */
  readonly isAway: () => boolean;
  /** Nothing is answered. Told again while that lasts. */
  readonly onStalled: () => void;
  readonly report: (line: string) => void;
}

/** A homeserver that takes so long to take a sign of life is as good as away. */
const STALLED_MS = 3_000;
const STALLED = "the homeserver doesn't answer";

export class NodePulse {
  readonly #options: NodePulseOptions;
  /** Since when a sign of life is on its way. */
  #since: number | undefined;
  #isStalled = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: NodePulseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#look();
      void this.beat();
    }, this.#options.heartbeatMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Why nothing comes through, as far as it knows. */
  get trouble(): string | undefined {
    return this.#isStalled ? STALLED : undefined;
  }

  /** Tells them, unless it is just being done. */
  async beat(): Promise<void> {
    const { direct, users, isAway, report } = this.#options;
    if (this.#since !== undefined || isAway()) return;
    this.#since = performance.now();
    const isThrough = await direct.sayAlive(users()).finally(() => this.#since = undefined);
    if (!isThrough || !this.#isStalled) return;
    this.#isStalled = false;
    report("the homeserver answers again");
  }

  #look(): void {
    if (this.#since === undefined || performance.now() - this.#since < STALLED_MS) return;
    if (!this.#isStalled) this.#options.report(STALLED);
    this.#isStalled = true;
    this.#options.onStalled();
  }
}
