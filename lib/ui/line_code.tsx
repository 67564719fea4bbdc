import type { JSX } from "preact";
import { CodeText } from "./code_text.tsx";
import { type CodeToken, MOST_HIGHLIGHTED } from "./highlight/code_token.ts";

/** A short piece of code within text; its line breaks and spaces are kept. */
export function LineCode({ text, tokensOf = () => [] }: {
  text: string;
  /** Tells its parts apart, which then have colours. */
  tokensOf?: (text: string) => readonly CodeToken[];
}): JSX.Element {
  const tokens = text.length > MOST_HIGHLIGHTED ? [] : tokensOf(text);
  return (
    <code class="lines">
      <CodeText text={text} tokens={tokens} />
    </code>
  );
}
