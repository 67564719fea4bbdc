import { Fragment, type JSX } from "preact";
import { ansiRuns } from "./ansi_runs.ts";

/** A line of output in its colours, with what was searched for marked. */
export function AnsiText({ text, found }: { text: string; found?: string }): JSX.Element {
  return (
    <>
      {ansiRuns(text).map(({ text, look }, at) => {
        const shown = <MarkedText text={text} found={found ?? ""} />;
        if (look === "") return <Fragment key={at}>{shown}</Fragment>;
        return <span key={at} class={look}>{shown}</span>;
      })}
    </>
  );
}

/** Text in which what was found is marked, whatever its case. */
function MarkedText({ text, found }: { text: string; found: string }): JSX.Element {
  return (
    <>
      {partsOf(text, found).map((part, at) =>
        // Every second part is one that was found. A bare text among others would be escaped twice.
        at % 2 === 1 ? <mark key={at}>{part}</mark> : <Fragment key={at}>{part}</Fragment>
      )}
    </>
  );
}

function partsOf(text: string, found: string): string[] {
  const [lower, wanted] = [text.toLowerCase(), found.toLowerCase()];
  // A text that changes its length with its case can't be cut by the places in the other.
  if (wanted === "" || lower.length !== text.length) return [text];
  const parts: string[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
