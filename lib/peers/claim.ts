/**
 * Who holds a run that nodes share, as the timeline of their room says. Each node goes through the same
 * events in the same order, so all of them come to the same answer without asking each other. Pure: no
 * clock is looked at, neither this machine's nor the homeserver's.
 */

/** A run, as far as it matters who has it. */
export interface Claim {
  /** The node that it comes from. */
  readonly origin: string;
  /** A node, or `*` for any one. */
  readonly target: string;
  /** How many claims have been won. A number is never used twice: what has an older one counts for nothing. */
  readonly generation: number;
  readonly holder: string | null;
  /** How long the holder may be silent before others may claim; null: for ever. */
  readonly leaseMs: number | null;
  /** The last event by which somebody came to hold it, or renewed that; null: not in the room yet. */
  readonly lastEvent: string | null;
  /** The holder's own number for its claim. */
  readonly claim: string | null;
  readonly ended: boolean;
}

/** Something that was said about a run. */
export type ClaimEvent =
  | { readonly type: "execute"; readonly id: string; readonly from: string }
  | {
    readonly type: "claim";
    readonly id: string;
    readonly from: string;
    readonly generation: number;
    readonly after: string;
    readonly claim: string;
    readonly leaseMs: number | null;
  }
  | {
    readonly type: "renewal";
    readonly id: string;
    readonly from: string;
    readonly generation: number;
    readonly leaseMs: number;
  }
  | {
    readonly type: "status";
    readonly from: string;
    readonly generation: number;
    readonly isFinal: boolean;
  }
  | { readonly type: "cancel"; readonly from: string };

/**
 * What follows from an event; the same object when nothing does.
 *
 * A claim is won by the first that names the next generation and the last event about who holds the run.
 * So it loses against another claim that was first, and against a renewal that its sender hadn't seen.
 */
export function next(claim: Claim, event: ClaimEvent): Claim {
  if (claim.ended) return claim;
  switch (event.type) {
    case "execute":
      return event.from === claim.origin && claim.lastEvent === null
        ? { ...claim, lastEvent: event.id }
        : claim;
    case "claim":
      return wins(claim, event)
        ? {
          ...claim,
          generation: event.generation,
          holder: event.from,
          // Nobody else may ever have a run that is for one node, so there is nothing to wait for.
          leaseMs: claim.target === "*" ? event.leaseMs : null,
          lastEvent: event.id,
          claim: event.claim,
        }
        : claim;
    case "renewal":
      return renewed(claim, event);
    case "status":
      return event.isFinal && isHolder(claim, event) ? { ...claim, ended: true } : claim;
    case "cancel":
      return event.from === claim.origin ? { ...claim, ended: true } : claim;
  }
}

/** Whether a node speaks as the one that holds the run now. */
export function isHolder(
  { holder, generation }: Pick<Claim, "holder" | "generation">,
  said: { readonly from: string; readonly generation: number },
): boolean {
  return said.from === holder && said.generation === generation;
}

/** Whether a node may try to get the run, if the lease of who had it is over. */
export function mayClaim(claim: Claim, nodeId: string): boolean {
  if (claim.ended || claim.lastEvent === null) return false;
  if (claim.target !== "*" && claim.target !== nodeId) return false;
  return claim.holder === null || claim.leaseMs !== null;
}

function wins(
  claim: Claim,
  { from, generation, after }: Extract<ClaimEvent, { type: "claim" }>,
): boolean {
  return mayClaim(claim, from) && generation === claim.generation + 1 &&
    after === claim.lastEvent;
}

function renewed(claim: Claim, event: Extract<ClaimEvent, { type: "renewal" }>): Claim {
  if (claim.lastEvent === null || claim.target !== "*") return claim;
  // Who renews has seen its claim win. One that was away, and has not seen that, believes it now.
  if (event.generation < claim.generation) return claim;
  return {
    ...claim,
    generation: event.generation,
    holder: event.from,
    leaseMs: event.leaseMs,
    lastEvent: event.id,
    claim: isHolder(claim, event) ? claim.claim : null,
  };
}
