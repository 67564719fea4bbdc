/**
 * Whose turn it is when several runs have a task ready. Higher priority goes first; who waits rises
 * by one priority every `ageMs` without an upper end, so that none waits for ever. Among equals the
 * run with the fewest tasks running goes first, then the one that was served longest ago. Pure.
 */

/** A run that could start a task now. */
export interface Candidate {
  /** Of its priority: urgent 3, high 2, medium 1, low 0. */
  readonly rank: number;
  /** Since when its next task waits, or since it was served last where that is later. */
  readonly waitingSince: number;
  /** Tasks of it that run. */
  readonly running: number;
  /** Number of the turn in which it was served last; 0: never. */
  readonly lastTurn: number;
  readonly createdAt: number;
  readonly runId: string;
}

/** The rank of a candidate after its wait. @param ageMs how long one priority takes */
export function agedRank(
  { rank, waitingSince }: Pick<Candidate, "rank" | "waitingSince">,
  { now, ageMs }: { readonly now: number; readonly ageMs: number },
): number {
  return rank + Math.max(0, Math.floor((now - waitingSince) / ageMs));
}

/** The candidate whose turn it is. */
export function fairTurn<T extends Candidate>(
  candidates: Iterable<T>,
  time: { readonly now: number; readonly ageMs: number },
): T | undefined {
  let first: T | undefined;
  for (const one of candidates) {
    if (first === undefined || compare(one, first, time) < 0) first = one;
  }
  return first;
}

function compare(a: Candidate, b: Candidate, time: { now: number; ageMs: number }): number {
  return agedRank(b, time) - agedRank(a, time) || a.running - b.running ||
    a.lastTurn - b.lastTurn || a.createdAt - b.createdAt || (a.runId < b.runId ? -1 : 1);
}
