import type { JSX } from "preact";
import type { FoundLogLine } from "../schema/log_search_page.ts";
import { LogText } from "./log_text.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { useWords } from "./words/words.ts";

/** Lines that a search found: those that follow each other from one place under one head. */
export function FoundLines(
  { lines, found }: { lines: readonly FoundLogLine[]; found?: string },
): JSX.Element {
  const { logs } = useWords();
  return (
    <ol class="found">
      {groupsOf(lines).map((group) => {
        const [line] = group;
        if (line === undefined) return null;
        const source = line.run_id === null
          ? line.worker_id
          : logs.attemptOf(line.task_id, line.attempt);
        return (
          <li key={line.seq}>
            <SourceHead line={line} />
            <LogText lines={group} label={logs.found(source)} found={found} />
          </li>
        );
      })}
    </ol>
  );
}

/** Where lines come from, each part a link. */
function SourceHead({ line }: { line: FoundLogLine }): JSX.Element {
  const { logs } = useWords();
  const worker = <a href={`/workers/${encodeURIComponent(line.worker_id)}`}>{line.worker_id}</a>;
  if (line.run_id === null) {
    return (
      <p class="found-head">
        {worker} <span class="quiet">{logs.ownOutput}</span> <TimeAgo time={line.time} />
      </p>
    );
  }
  const run = encodeURIComponent(line.run_id);
  const attempt = new URLSearchParams({
    run: line.run_id,
    task: line.task_id,
    attempt: String(line.attempt),
  });
  return (
    <p class="found-head">
      <a href={`/logs?${attempt}`}>{logs.attemptOf(line.task_id, line.attempt)}</a>
      <a href={`/runs/${run}`}>
        <code>{line.run_id}</code>
      </a>
      {worker}
      <TimeAgo time={line.time} />
    </p>
  );
}

function groupsOf(lines: readonly FoundLogLine[]): FoundLogLine[][] {
  const groups: FoundLogLine[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last !== undefined && last[0] !== undefined && isOneSource(last[0], line)) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

function isOneSource(a: FoundLogLine, b: FoundLogLine): boolean {
  return a.run_id === b.run_id && a.task_id === b.task_id && a.attempt === b.attempt &&
    a.worker_id === b.worker_id;
}
