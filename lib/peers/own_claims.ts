/**
 * Claims of a run that this life of the node has sent. One that nobody answered may be in the room all the
 * same, now or later: it counts from when it was sent, whichever of several it is that was won.
 */
import type { Moment } from "./lease.ts";

interface SentClaim {
  readonly claim: string;
  readonly sentAt: Moment;
  /** Whether something may yet come of it that is worth waiting for. */
  isAwaited: boolean;
}

/** After one of which nothing is known another is sent, but not at once, in milliseconds. */
const AGAIN_MS = 2_000;

export class OwnClaims {
  #sent: SentClaim[] = [];

  /** One is being sent. */
  add(claim: string, sentAt: Moment): void {
    this.#sent.push({ claim, sentAt, isAwaited: true });
  }

  /** It is in the room and was won, or could not be sent as far as is known: nothing more comes of waiting. */
  answered(claim: string): void {
    for (const sent of this.#sent) if (sent.claim === claim) sent.isAwaited = false;
  }

  /** It is in the room, and was not won. */
  lost(claim: string): void {
    this.#sent = this.#sent.filter((sent) => sent.claim !== claim);
  }

  /** When one of them was sent; undefined: it is an earlier life's, or nobody's. */
  sentAt(claim: string | null): Moment | undefined {
    return this.#sent.find((sent) => sent.claim === claim)?.sentAt;
  }

  /** Whether there is something to wait for before another one is sent. @param leaseMs of those that were */
  isWaiting(now: Moment, leaseMs: number): boolean {
    this.#sent = this.#sent.filter(({ sentAt }) => now.steady - sentAt.steady <= leaseMs);
    return this.#sent.some(({ sentAt, isAwaited }) =>
      isAwaited || now.steady - sentAt.steady < AGAIN_MS
    );
  }
}
