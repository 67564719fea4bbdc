/** Turns measured values over time into the lines of a chart. Pure. */

/** A value at a time in epoch milliseconds. */
export interface ChartPoint {
  readonly time: number;
  readonly value: number;
}

/** The box that is drawn into. */
export interface ChartBox {
  readonly width: number;
  readonly height: number;
  /** The value at the top; the bottom is zero. */
  readonly top: number;
}

/** Two samples further apart than this have nothing drawn between them: nobody looked. */
const GAP_MS = 60_000;

/** The parts of a series without gaps in them. */
export function stretchesOf(points: readonly ChartPoint[]): ChartPoint[][] {
  const stretches: ChartPoint[][] = [];
  let last = -Infinity;
  for (const point of points) {
    if (point.time - last > GAP_MS) stretches.push([]);
    stretches.at(-1)?.push(point);
    last = point.time;
  }
  return stretches;
}

/** A path along all points, in the box, with `range` as its left and right edge. */
export function linePath(
  points: readonly ChartPoint[],
  { box, range: [from, to] }: { box: ChartBox; range: readonly [number, number] },
): string {
  const x = (time: number): string =>
    (to === from ? 0 : (time - from) / (to - from) * box.width).toFixed(1);
  const y = (value: number): string =>
    (box.height - Math.min(1, value / (box.top || 1)) * box.height).toFixed(1);
  return stretchesOf(points).map((stretch) => {
    const corners = stretch.map(({ time, value }) => `${x(time)} ${y(value)}`);
    // A lone point is a dot, which a path of no length and a round end draws.
    return `M${corners.length === 1 ? [corners[0], corners[0]].join("L") : corners.join("L")}`;
  }).join("");
}

/** A round value at or above the largest, for the top of a chart: 1, 2 or 5 times a power of `base`. */
export function roundedTop(largest: number, base: 10 | 2): number {
  if (largest <= 0) return 1;
  if (base === 2) return 2 ** Math.ceil(Math.log2(largest));
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 5].find((step) => step * power >= largest) ?? 10);
}

/** How much of a processor was used between samples of CPU time, in percent; a new process starts anew. */
export function cpuShares(
  samples: readonly { readonly time: number; readonly cpuMs: number | null }[],
): ChartPoint[] {
  const points: ChartPoint[] = [];
  let before: { time: number; cpuMs: number } | undefined;
  for (const { time, cpuMs } of samples) {
    if (cpuMs !== null && before !== undefined && cpuMs >= before.cpuMs && time > before.time) {
      points.push({ time, value: 100 * (cpuMs - before.cpuMs) / (time - before.time) });
    }
    before = cpuMs === null ? undefined : { time, cpuMs };
  }
  return points;
}
