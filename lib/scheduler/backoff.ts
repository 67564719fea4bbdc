/** How long to wait before another try. Pure. */
import { durationMs } from "../schema/duration.ts";

/** As in a task's `retry` (contract §2); durations as text, `jitter` a share from 0 to 1. */
export interface BackoffPolicy {
  readonly delay: string;
  readonly multiplier: number;
  readonly max_delay: string;
  readonly jitter: number;
}

/**
 * Exponential backoff: `delay × multiplier^(failures − 1)`, at most `max_delay`, then moved by up to
 * ± `jitter` of itself so that many failures at once don't come back at once.
 * @param failures failed attempts so far, from 1
 * @param options.random from 0 (inclusive) to 1 (exclusive)
 * @returns milliseconds
 */
export function backoffMs(
  policy: BackoffPolicy,
  failures: number,
  options: { readonly random: number },
): number {
  const base = durationMs(policy.delay) * policy.multiplier ** (failures - 1);
  const capped = Math.min(base, durationMs(policy.max_delay));
  return Math.round(capped * (1 + policy.jitter * (2 * options.random - 1)));
}
