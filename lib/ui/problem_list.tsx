import type { JSX } from "preact";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** A problem with its line, as far as it has one. */
export interface LinedProblem {
  readonly path: string;
  readonly message: string;
  readonly line: number | undefined;
}

/** Problems that are named; more aren't read before these are corrected. */
const MOST = 50;
/** Lines shown around one that has a problem. */
const AROUND = 2;
const GAP = "…\n";

/** What has to be corrected: a list, and then the lines of the document with the problems in them. */
export function ProblemList(
  { problems, source }: { problems: readonly LinedProblem[]; source: string },
): JSX.Element {
  const { publish } = useWords();
  const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, MOST);
  return (
    <>
      <ul>
        {sorted.map((problem) => (
          <li key={`${problem.path} ${problem.message}`}>
            {problem.line !== undefined && (
              <>
                <a href={`#line-${problem.line}`} data-line={problem.line}>
                  {publish.line(problem.line)}
                </a>:{" "}
              </>
            )}
            {problem.path !== "" && <code>{visibleText(problem.path)}</code>}{" "}
            {visibleText(problem.message)}
          </li>
        ))}
      </ul>
      <SourceLines problems={sorted} source={source} />
    </>
  );
}

function SourceLines(
  { problems, source }: { problems: readonly LinedProblem[]; source: string },
): JSX.Element | null {
  const { publish } = useWords();
  const byLine = Map.groupBy(problems, ({ line }) => line);
  const lines = source.split("\n");
  const near = lines.flatMap((_, at) =>
    problems.some(({ line }) => line !== undefined && Math.abs(line - at - 1) <= AROUND)
      ? [at + 1]
      : []
  );
  if (near.length === 0) return null;
  return (
    <pre class="code source" tabIndex={0} aria-label={publish.source}><code>{
      near.map((number, at) => (
        <SourceLine
          key={number}
          number={number}
          text={lines[number - 1] ?? ""}
          problems={byLine.get(number) ?? []}
          isAfterGap={at > 0 && near[at - 1] !== number - 1}
        />
      ))
    }</code></pre>
  );
}

function SourceLine({ number, text, problems, isAfterGap }: {
  number: number;
  text: string;
  problems: readonly LinedProblem[];
  isAfterGap: boolean;
}): JSX.Element {
  return (
    <>
      {isAfterGap && <span class="diff-gap">{GAP}</span>}
      <span id={`line-${number}`} class={problems.length > 0 ? "source-bad" : undefined}>
        <span class="quiet">{`${String(number).padStart(4)}  `}</span>
        {`${visibleText(text)}\n`}
      </span>
      {problems.map(({ path, message }) => (
        <span key={path} class="source-note">{`      ↑ ${visibleText(message)}\n`}</span>
      ))}
    </>
  );
}
