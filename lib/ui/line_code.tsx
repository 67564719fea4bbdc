import type { JSX } from "preact";
import { visibleText } from "./visible_text.ts";

/** A short piece of code within text; its line breaks and spaces are kept. */
export function LineCode({ text }: { text: string }): JSX.Element {
  return <code class="lines">{visibleText(text)}</code>;
}
