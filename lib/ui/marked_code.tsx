import { Fragment, type JSX } from "preact";
import type { RiskyPlace } from "../schema/risky_code.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Text of many lines as it is, with the places marked that need a second look, and why. */
export function MarkedCode({ text, label, places }: {
  text: string;
  label: string;
  /** In order, none within another. */
  places: readonly RiskyPlace[];
}): JSX.Element {
  const { risks } = useWords();
  const found = [...new Set(places.map(({ risk }) => risk))];
  return (
    <>
      <pre class="code" tabIndex={0} aria-label={label}><code>{
        partsOf(text, places).map(({ text, risk }, at) =>
          risk === undefined
            ? <Fragment key={at}>{visibleText(text)}</Fragment>
            : <mark key={at} class="risky" title={risks.reasons[risk]}>{visibleText(text)}</mark>
        )
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
  readonly text: string;
  readonly risk?: RiskyPlace["risk"];
}

function partsOf(text: string, places: readonly RiskyPlace[]): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const { from, to, risk } of places) {
    parts.push({ text: text.slice(done, from) }, { text: text.slice(from, to), risk });
    done = to;
  }
  return [...parts, { text: text.slice(done) }].filter(({ text }) => text !== "");
}

/** The first such place, as far as it fits a line. */
function firstOf(text: string, [place]: readonly RiskyPlace[]): string {
  if (place === undefined) return "";
  const shown = text.slice(place.from, place.to).replace(/\s+/g, " ");
  return shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
}
