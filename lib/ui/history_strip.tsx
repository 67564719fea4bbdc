import type { JSX } from "preact";
import type { RunSummary } from "../schema/api.ts";
import { lookOf, stateWords } from "./state_look.ts";
import { StatusShape } from "./status_shape.tsx";
import { agoText, spanText } from "./time_text.ts";
import { useWords } from "./words/words.ts";

/** The last runs as a row of shapes, the newest on the right; each leads to its run. */
export function HistoryStrip({ runs }: { runs: readonly RunSummary[] }): JSX.Element {
  const { dag, states, time } = useWords();
  const textOf = ({ status, created_at, started_at, finished_at }: RunSummary): string => {
    const took = started_at === null || finished_at === null
      ? ""
      : `, ${spanText(Date.parse(finished_at) - Date.parse(started_at), time)}`;
    return `${states[status] ?? stateWords(status)}, ${
      agoText(created_at, Date.now(), time)
    }${took}`;
  };
  return (
    <ol class="strip" aria-label={dag.strip(runs.length)}>
      {runs.toReversed().map((run) => (
        <li key={run.run_id}>
          <a
            href={`/runs/${encodeURIComponent(run.run_id)}`}
            class={`strip-${lookOf(run.status)}`}
            title={textOf(run)}
            aria-label={textOf(run)}
          >
            <StatusShape look={lookOf(run.status)} />
          </a>
        </li>
      ))}
    </ol>
  );
}
