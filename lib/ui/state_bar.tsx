import type { JSX } from "preact";
import { lookOf } from "./state_look.ts";

/** How many tasks are in which state, as one bar. The filter of the table says the same in words. */
export function StateBar(
  { counts, total }: {
    counts: readonly (readonly [state: string, count: number])[];
    total: number;
  },
): JSX.Element {
  let from = 0;
  const share = (count: number): string => `${(100 * count / Math.max(1, total)).toFixed(2)}%`;
  return (
    <svg class="state-bar" width="100%" height="8" aria-hidden="true">
      {[...counts].sort(([a], [b]) => rank(a) - rank(b)).map(([state, count]) => {
        const x = share(from);
        from += count;
        return (
          <rect key={state} class={`fill-${lookOf(state)}`} x={x} width={share(count)} height="8" />
        );
      })}
    </svg>
  );
}

/** What is done comes first, what goes on next, and what has not begun last. */
const ORDER = ["completed", "debt", "failed", "cancelled", "skipped", "running"];

function rank(state: string): number {
  const place = ORDER.indexOf(state);
  return place === -1 ? ORDER.length : place;
}
