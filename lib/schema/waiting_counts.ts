/** How much waits for a person, as far as one may see it. */
export interface WaitingCounts {
  /** Versions to confirm. */
  readonly confirmations: number;
  /** Decisions about tasks that are about to start. */
  readonly decisions: number;
}

/** Nothing waits, or nobody looks. */
export const NOTHING_WAITS: WaitingCounts = { confirmations: 0, decisions: 0 };

/** All of it together. */
export function waitingTotal({ confirmations, decisions }: WaitingCounts): number {
  return confirmations + decisions;
}
