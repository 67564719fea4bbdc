import type { JSX } from "preact";
import type { WorkerDetailView } from "../schema/api.ts";
import { cpuShares, roundedTop } from "./chart_points.ts";
import { EmptyState } from "./empty_state.tsx";
import { LineChart } from "./line_chart.tsx";
import { sizeText } from "./size_text.ts";
import { useWords } from "./words/words.ts";

/** Memory and CPU of a worker's process over the last hour. */
export function WorkerUsage(
  { samples }: { samples: WorkerDetailView["samples"] },
): JSX.Element {
  const { worker } = useWords();
  const measured = samples.map(({ time, rss, cpu_ms }) => ({
    time: Date.parse(time),
    value: rss,
    cpuMs: cpu_ms,
  }));
  if (measured.length === 0) {
    return (
      <EmptyState title={worker.noSamples}>
        <p>{worker.noSamplesHint}</p>
      </EmptyState>
    );
  }
  const cpu = cpuShares(measured);
  const most = (points: readonly { value: number }[]): number =>
    points.reduce((largest, { value }) => Math.max(largest, value), 0);
  return (
    <div class="charts">
      <LineChart
        name={worker.memory}
        points={measured}
        top={roundedTop(most(measured), 2)}
        text={sizeText}
      />
      {cpu.length > 0 && (
        <LineChart
          name={worker.cpu}
          points={cpu}
          top={roundedTop(Math.max(10, most(cpu)), 10)}
          text={(share) => `${share < 10 ? Math.round(share * 10) / 10 : Math.round(share)} %`}
        />
      )}
    </div>
  );
}
