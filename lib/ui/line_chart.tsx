import type { JSX } from "preact";
import { type ChartPoint, linePath } from "./chart_points.ts";
import { TimeAgo } from "./time_ago.tsx";
import { useWords } from "./words/words.ts";

const WIDTH = 600;
const HEIGHT = 120;

/** A value over time, as a picture that also says what it shows. */
export function LineChart({ name, points, top, text }: {
  name: string;
  /** Oldest first, at least one. */
  points: readonly ChartPoint[];
  /** The value at the upper edge. */
  top: number;
  text: (value: number) => string;
}): JSX.Element {
  const { worker, time: words } = useWords();
  const values = points.map(({ value }) => value);
  const [first, last] = [points.at(0)?.time ?? 0, points.at(-1)?.time ?? 0];
  const now = values.at(-1) ?? 0;
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  const label = worker.chart(name, text(low), text(high), text(now));
  const path = linePath(points, {
    box: { width: WIDTH, height: HEIGHT, top },
    range: [first, last],
  });
  return (
    <figure class="chart">
      <figcaption>
        {name} <strong>{text(now)}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <path
          class="chart-grid"
          d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`}
        />
        <path class="chart-line" d={path} />
      </svg>
      <p class="chart-top quiet" aria-hidden="true">{text(top)}</p>
      <p class="chart-times quiet">
        <TimeAgo time={new Date(first).toISOString()} />
        <time dateTime={new Date(last).toISOString()} title={new Date(last).toISOString()}>
          {Date.now() - last < 60_000 ? words.now : <TimeAgo time={new Date(last).toISOString()} />}
        </time>
      </p>
    </figure>
  );
}
