import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { LogLines } from "./log_lines.tsx";
import { countLines, type LogBlock, type LogTail } from "./log_tail.ts";
import { runPath } from "./run_paths.ts";
import { useFollow } from "./use_follow.ts";
import { visibleLogLine } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** What is shown of an output. */
export interface LogPanelProps {
  readonly runId: string;
  /** The task whose output it is; absent: of all tasks of the run. */
  readonly taskId?: string;
  /** The one attempt whose output it is; absent: of all. */
  readonly attempt?: number;
  readonly tail: LogTail;
  /** Whether nothing will follow. */
  readonly hasEnded: boolean;
}

/** The last lines of a run or task, to be followed and searched. */
export function LogPanel({ runId, taskId, attempt, tail, hasEnded }: LogPanelProps): JSX.Element {
  const { run: words, taskPage: taskWords } = useWords();
  const [found, setFound] = useState("");
  const follow = useFollow();
  const blocks = useMemo(() => matching(tail.blocks, found), [tail.blocks, found]);
  const labels = taskId === undefined ? "task" : attempt === undefined ? "attempt" : undefined;
  if (tail.blocks.length === 0) {
    const none = taskId === undefined ? words : taskWords;
    return <p class="quiet">{hasEnded ? none.noOutput : none.noOutputYet}</p>;
  }
  return (
    <div class="log-panel">
      <form method="get" action="/logs" role="search" class="log-tools">
        <input type="hidden" name="run" value={runId} />
        {taskId !== undefined && <input type="hidden" name="task" value={taskId} />}
        {attempt !== undefined && <input type="hidden" name="attempt" value={attempt} />}
        <input
          type="search"
          name="q"
          aria-label={words.searchOutput}
          placeholder={words.searchOutput}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setFound(currentTarget.value)}
        />
        <button type="submit">{words.searchAll}</button>
        {!hasEnded && (
          <button
            type="button"
            class="needs-script"
            aria-pressed={follow.isOn ? "true" : "false"}
            onClick={() => follow.set(!follow.isOn)}
          >
            {words.follow}
          </button>
        )}
        <span role="status" class="quiet">
          {found !== "" && words.matches(countLines({ blocks }))}
        </span>
      </form>
      <pre
        class="log"
        tabIndex={0}
        role="log"
        // Read when somebody goes there: nobody wants to hear every line that comes.
        aria-live="off"
        aria-label={words.output}
        ref={follow.box}
        onScroll={follow.onScroll}
      >
        <code>
          {blocks.map((lines) => (
            <Block key={lines[0]?.seq} lines={lines} found={found} labels={labels} />
          ))}
        </code>
      </pre>
      <LogNote {...{ runId, taskId, attempt, tail }} />
    </div>
  );
}

/** Drawn anew only when its lines are others: ten thousand lines stay as they are while one comes. */
function Block(
  { lines, found, labels }: {
    lines: LogBlock;
    found: string;
    labels: "task" | "attempt" | undefined;
  },
): JSX.Element {
  return useMemo(
    () => (
      <span class="log-block">
        <LogLines lines={lines} found={found} labels={labels} />
      </span>
    ),
    [lines, found, labels],
  );
}

function matching(blocks: readonly LogBlock[], found: string): readonly LogBlock[] {
  const wanted = found.toLowerCase();
  if (wanted === "") return blocks;
  return blocks.map((lines) =>
    lines.filter(({ text }) => visibleLogLine(text).toLowerCase().includes(wanted))
  ).filter((lines) => lines.length > 0);
}

function LogNote(
  { runId, taskId, attempt, tail }: Omit<LogPanelProps, "hasEnded">,
): JSX.Element {
  const { run: words } = useWords();
  const query = new URLSearchParams({
    ...(taskId === undefined ? {} : { task: taskId }),
    ...(attempt === undefined ? {} : { attempt: String(attempt) }),
  }).toString();
  const logs = `/api/v1/runs/${encodeURIComponent(runId)}/logs`;
  return (
    <p class="quiet small">
      {tail.isCut && `${words.lastOf(countLines(tail))} `}
      {words.stderrHint} {words.everything}{" "}
      <a href={`${runPath(runId)}/log${query && `?${query}`}`}>{words.plainText}</a>,{" "}
      <a href={`${logs}?download=1${query && `&${query}`}`}>{words.download}</a>
    </p>
  );
}
