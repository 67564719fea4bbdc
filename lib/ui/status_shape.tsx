import type { JSX } from "preact";
import type { Look } from "./state_look.ts";

/** The shapes, in a box of 16 by 16: the state can be told without seeing colours. */
const SHAPES: Readonly<Record<Look, string>> = {
  good: "M2.5 8.5 6.5 12.5 13.5 4",
  bad: "M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5",
  active: "M4.5 2.5 13 8 4.5 13.5Z",
  waiting: "M8 2a6 6 0 1 0 .01 0M8 4.5V8l2.5 1.5",
  warning: "M8 2 14.5 13.5H1.5ZM8 6.5V9.5M8 11.4V11.6",
  over: "M3 8H13",
};

/** The shape alone; whoever shows it says the state beside it or in a title. */
export function StatusShape({ look }: { look: Look }): JSX.Element {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[look]} />
    </svg>
  );
}
