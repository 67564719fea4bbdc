import type { JSX } from "preact";
import { type DiffGap, type DiffLine, diffLines, withGaps } from "./line_diff.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

const SIGNS = { same: " ", added: "+", removed: "−" } as const;

/** Two texts in one, line by line: told apart by signs as well as by colours. */
export function LineChanges(
  { before, after, label }: { before: string; after: string; label: string },
): JSX.Element {
  const lines = withGaps(diffLines(before, after));
  return (
    <pre class="code diff" tabIndex={0} aria-label={label}><code>{
      lines.map((line, at) => <ChangedLine key={at} line={line} />)
    }</code></pre>
  );
}

function ChangedLine({ line }: { line: DiffLine | DiffGap }): JSX.Element {
  const { changes } = useWords();
  if (line.kind === "gap") return <span class="diff-gap">{`${changes.gap(line.count)}\n`}</span>;
  return (
    <span class={`diff-${line.kind}`}>
      <span aria-hidden="true">{`${SIGNS[line.kind]} `}</span>
      {line.kind !== "same" && <span class="visually-hidden">{`${changes[line.kind]}: `}</span>}
      {`${visibleText(line.text)}\n`}
    </span>
  );
}
