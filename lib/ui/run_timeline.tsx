import type { JSX } from "preact";
import { taskPath } from "./run_paths.ts";
import { lookOf } from "./state_look.ts";
import { spanText } from "./time_text.ts";
import type { Timeline, TimelineLane, TimelineSpan } from "./timeline.ts";
import { useWords, type Words } from "./words/words.ts";

/** When each task waited, ran, was tried again and was rolled back, one below the other. */
export function RunTimeline(
  { runId, timeline }: { runId: string; timeline: Timeline },
): JSX.Element {
  const { run: words, time } = useWords();
  const { lanes, total, ticks } = timeline;
  if (lanes.length === 0) return <p class="quiet">{words.noCourse}</p>;
  return (
    <div class="timeline">
      <ol class="lanes">
        {lanes.map((lane) => <Lane key={lane.task_id} runId={runId} lane={lane} />)}
      </ol>
      <div class="lane-axis" aria-hidden="true">
        <svg width="100%" height="18">
          {ticks.map(({ at, ms }) => (
            <text
              key={ms}
              x={percent(at)}
              y="13"
              text-anchor={at === 0 ? "start" : at > 0.95 ? "end" : "middle"}
            >
              {tickText(ms, time)}
            </text>
          ))}
        </svg>
      </div>
      <Legend />
      {lanes.length < total && <p class="quiet small">{words.lanes(lanes.length, total)}</p>}
    </div>
  );
}

function Lane({ runId, lane }: { runId: string; lane: TimelineLane }): JSX.Element {
  const words = useWords();
  return (
    <li class={lane.isCritical ? "lane lane-critical" : "lane"}>
      <a href={taskPath(runId, lane.task_id)}>{lane.task_id}</a>
      <svg width="100%" height="20" role="img" aria-label={laneText(lane, words)}>
        {lane.spans.map((span, at) => <Span key={at} span={span} words={words} />)}
      </svg>
    </li>
  );
}

/**
 * A thin line waits, a bar runs; what failed is crossed out, what rolls back is hatched, and what a
 * person is asked has a question mark.
 */
function Span({ span, words }: { span: TimelineSpan; words: Words }): JSX.Element {
  const { kind, from, to, status } = span;
  const [x, width] = [percent(from), percent(to - from)];
  const title = <title key="span">{spanTitle(span, words)}</title>;
  if (kind === "wait") {
    return <rect class="span-wait" x={x} y="8.5" width={width} height="3">{title}</rect>;
  }
  if (kind === "person") {
    return (
      <g class="span-person">
        <rect x={x} y="4" width={width} height="12" rx="6">{title}</rect>
        {to - from > 0.02 && (
          <text x={percent((from + to) / 2)} y="14" text-anchor="middle">?</text>
        )}
      </g>
    );
  }
  // So that what took a moment can still be seen.
  const drawn = to - from < 0.003 ? "3" : width;
  const look = lookOf(status ?? "");
  return (
    <g class={`span-${kind} span-${look}`}>
      <rect x={x} y="3" width={drawn} height="14" rx="2">{title}</rect>
      {look === "bad" && <text x={percent((from + to) / 2)} y="14.5" text-anchor="middle">✕</text>}
    </g>
  );
}

function Legend(): JSX.Element {
  const { run: words } = useWords();
  const entries = [
    ["wait", words.waited],
    ["person", words.asked],
    ["run", words.ran],
    ["bad", words.failedAttempt],
    ["rollback", words.rolledBack],
    ["critical", words.critical],
  ] as const;
  return (
    <ul class="legend" aria-hidden="true">
      {entries.map(([name, text]) => (
        <li key={name}>
          <svg width={name === "critical" ? 4 : 24} height="14">
            {name === "wait" && <rect class="span-wait" y="5.5" width="24" height="3" />}
            {name === "person" && (
              <g class="span-person">
                <rect x="1" y="1" width="22" height="12" rx="6" />
                <text x="12" y="11" text-anchor="middle">?</text>
              </g>
            )}
            {name === "run" && <rect class="fill-good" width="24" height="14" rx="2" />}
            {name === "bad" && (
              <g class="span-run span-bad">
                <rect x="1" y="1" width="22" height="12" rx="2" />
                <text x="12" y="11.5" text-anchor="middle">✕</text>
              </g>
            )}
            {name === "rollback" && (
              <g class="span-rollback">
                <rect x="1" y="1" width="22" height="12" rx="2" />
              </g>
            )}
            {name === "critical" && <rect class="mark-critical" width="4" height="14" rx="1" />}
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}

/** Marks may be at fractions of a second, which a span in two units leaves out. */
function tickText(ms: number, words: Words["time"]): string {
  if (ms === 0) return `0 ${words.second}`;
  return ms > 1_000 && ms % 1_000 !== 0 ? `${ms / 1_000} ${words.second}` : spanText(ms, words);
}

function laneText(lane: TimelineLane, { run: words, time }: Words): string {
  const attempts = lane.spans.filter(({ attempt }) => attempt !== null).length;
  const text = words.lane(
    lane.task_id,
    spanText(lane.waitedMs, time),
    spanText(lane.ranMs, time),
  );
  return [
    text,
    ...(lane.askedMs > 0 ? [words.laneAsked(spanText(lane.askedMs, time))] : []),
    ...(attempts > 1 ? [words.laneAttempts(attempts)] : []),
    ...(lane.isCritical ? [words.critical] : []),
  ].join(", ");
}

function spanTitle({ kind, attempt, status, ms }: TimelineSpan, words: Words): string {
  const name = {
    wait: words.run.waited,
    person: words.run.asked,
    run: words.run.ran,
    rollback: words.run.rolledBack,
  }[kind];
  const state = status === null ? "" : `, ${words.states[status] ?? status}`;
  const number = attempt === null ? "" : ` ${attempt}`;
  return `${name}${number}: ${spanText(ms, words.time)}${state}`;
}

function percent(share: number): string {
  return `${+(100 * share).toFixed(2)}%`;
}
