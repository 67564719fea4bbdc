import type { JSX } from "preact";
import type { RiskyPlace } from "../schema/risky_code.ts";
import { CodeText } from "./code_text.tsx";
import { type CodeToken, MOST_HIGHLIGHTED } from "./highlight/code_token.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Text of many lines as it is, with the places marked that need a second look, and why. */
export function MarkedCode({ text, label, places, tokensOf }: {
  text: string;
  label: string;
  /** Tells its parts apart, which then have colours. */
  tokensOf: (text: string) => readonly CodeToken[];
  /** In order, none within another. */
  places: readonly RiskyPlace[];
}): JSX.Element {
  const { risks } = useWords();
  const tokens = text.length > MOST_HIGHLIGHTED ? [] : tokensOf(text);
  const found = [...new Set(places.map(({ risk }) => risk))];
  return (
    <>
      <pre class="code" tabIndex={0} aria-label={label}><code>{
        partsOf(text, places).map(({ from, to, risk }) => {
          const part = <CodeText key={from} {...{ text, tokens, from, to }} />;
          return risk === undefined
            ? part
            : <mark key={from} class="risky" title={risks.reasons[risk]}>{part}</mark>;
        })
      }</code></pre>
      {found.length > 0 && (
        <ul class="risks">
          {found.map((risk) => (
            <li key={risk}>
              <strong>{risks.reasons[risk]}</strong>{" "}
              <code>
                {visibleText(firstOf(text, places.filter((place) => place.risk === risk)))}
              </code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly risk?: RiskyPlace["risk"];
}

function partsOf(text: string, places: readonly RiskyPlace[]): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const { from, to, risk } of places) {
    parts.push({ from: done, to: from }, { from, to, risk });
    done = to;
  }
  return [...parts, { from: done, to: text.length }].filter(({ from, to }) => to > from);
}

/** The first such place, as far as it fits a line. */
function firstOf(text: string, [place]: readonly RiskyPlace[]): string {
  if (place === undefined) return "";
  const shown = text.slice(place.from, place.to).replace(/\s+/g, " ");
  return shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
}
