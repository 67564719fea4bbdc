import type { JSX } from "preact";
import { CodeText } from "./code_text.tsx";
import { type CodeToken, MOST_HIGHLIGHTED } from "./highlight/code_token.ts";

/** Text of many lines as it is, with nothing hidden and nothing cut. */
export function CodeBlock({ text, label, tokensOf = () => [] }: {
  text: string;
  label: string;
  /** Tells its parts apart, which then have colours. */
  tokensOf?: (text: string) => readonly CodeToken[];
}): JSX.Element {
  const tokens = text.length > MOST_HIGHLIGHTED ? [] : tokensOf(text);
  return (
    <pre
      class="code"
      tabIndex={0}
      aria-label={label}
    ><code><CodeText text={text} tokens={tokens} /></code></pre>
  );
}
