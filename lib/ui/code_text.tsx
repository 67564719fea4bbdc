import { Fragment, type JSX } from "preact";
import type { CodeToken } from "./highlight/code_token.ts";
import { visibleText } from "./visible_text.ts";

/** A stretch of code with its parts in colours, and nothing hidden in it. */
export function CodeText({ text, tokens, from = 0, to = text.length }: {
  text: string;
  /** In order, none within another. */
  tokens: readonly CodeToken[];
  /** The stretch that is shown. */
  from?: number;
  to?: number;
}): JSX.Element {
  const parts: JSX.Element[] = [];
  let done = from;
  const plain = (end: number): void => {
    if (end <= done) return;
    parts.push(<Fragment key={done}>{visibleText(text.slice(done, end))}</Fragment>);
    done = end;
  };
  for (const token of tokens) {
    const [begin, end] = [Math.max(token.from, done), Math.min(token.to, to)];
    if (begin >= end) continue;
    plain(begin);
    parts.push(
      <span key={begin} class={`code-${token.kind}`}>
        {visibleText(text.slice(begin, end))}
      </span>,
    );
    done = end;
  }
  plain(to);
  return <>{parts}</>;
}
