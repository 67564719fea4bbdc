import type { JSX } from "preact";
import { useWords } from "./words/words.ts";
import { lookOf, stateWords } from "./state_look.ts";
import { StatusShape } from "./status_shape.tsx";

/** A state as a word with a colour and a shape. */
export function StatusBadge({ state }: { state: string }): JSX.Element {
  const { states } = useWords();
  const look = lookOf(state);
  return (
    <span class={`badge badge-${look}`}>
      <StatusShape look={look} />
      {states[state] ?? stateWords(state)}
    </span>
  );
}
