import type { JSX } from "preact";
import { visibleText } from "./visible_text.ts";

/** Text of many lines as it is, with nothing hidden and nothing cut. */
export function CodeBlock({ text, label }: { text: string; label: string }): JSX.Element {
  return <pre class="code" tabIndex={0} aria-label={label}><code>{visibleText(text)}</code></pre>;
}
