import type { JSX } from "preact";
import type { LogLineView } from "../schema/api.ts";
import { EmptyState } from "./empty_state.tsx";
import { LogText } from "./log_text.tsx";
import { useWords } from "./words/words.ts";

/** The last lines that a worker's own process wrote, and where there are more. */
export function WorkerOutput(
  { workerId, lines }: { workerId: string; lines: readonly LogLineView[] },
): JSX.Element {
  const { worker } = useWords();
  const id = encodeURIComponent(workerId);
  return (
    <>
      {lines.length === 0
        ? (
          <EmptyState title={worker.noOutput}>
            <p>{worker.noOutputHint}</p>
          </EmptyState>
        )
        : <LogText lines={lines} label={`${worker.output}: ${workerId}`} />}
      <p class="links">
        <a href={`/logs?worker=${id}`}>{worker.searchOutput}</a>
        <a href={`/api/v1/workers/${id}/logs?download=1`}>{worker.download}</a>
      </p>
    </>
  );
}
