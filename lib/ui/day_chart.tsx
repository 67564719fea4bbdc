import type { JSX } from "preact";
import type { Activity } from "../schema/activity.ts";
import { StatusBadge } from "./status_badge.tsx";
import { useWords } from "./words/words.ts";

/** Of a bar and the gap behind it. */
const STEP = 20;
const BAR = 16;
const HEIGHT = 72;

/** From the ground up: what went wrong stands at the bottom, where bars are compared most easily. */
const KINDS = ["failed", "cancelled", "open", "completed"] as const;
const STATES = {
  failed: "failed",
  cancelled: "cancelled",
  open: "running",
  completed: "completed",
};

/** The runs of the last day, hour by hour, as a picture and in numbers. */
export function DayChart({ activity: { hours, totals } }: { activity: Activity }): JSX.Element {
  const { overview } = useWords();
  const textOf = ({ completed, failed, cancelled, open }: Activity["totals"]): string =>
    overview.dayOf(completed, failed, cancelled, open);
  const most = Math.max(1, ...hours.map((hour) => sum(hour)));
  if (sum(totals) === 0) return <p class="quiet">{overview.quietDay}</p>;
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${hours.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={textOf(totals)}
      >
        {hours.map((hour, at) => (
          <g key={hour.begins_at}>
            <title key="hour">{`${hour.begins_at.slice(11, 16)} UTC: ${textOf(hour)}`}</title>
            <rect class="bar-ground" x={at * STEP} y={0} width={BAR} height={HEIGHT} />
            {barsOf(hour, most).map(({ kind, y, height }) => (
              <rect
                key={kind}
                class={`bar-${kind}`}
                x={at * STEP}
                y={y}
                width={BAR}
                height={height}
              />
            ))}
          </g>
        ))}
      </svg>
      <figcaption class="totals">
        {KINDS.toReversed().filter((kind) => totals[kind] > 0).map((kind) => (
          <span key={kind}>
            <strong>{totals[kind]}</strong> <StatusBadge state={STATES[kind]} />
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** The parts of an hour's bar, stacked. */
function barsOf(
  hour: Activity["totals"],
  most: number,
): { kind: typeof KINDS[number]; y: number; height: number }[] {
  let ground = HEIGHT;
  return KINDS.filter((kind) => hour[kind] > 0).map((kind) => {
    const height = hour[kind] / most * HEIGHT;
    ground -= height;
    return { kind, y: ground, height };
  });
}

function sum({ completed, failed, cancelled, open }: Activity["totals"]): number {
  return completed + failed + cancelled + open;
}
