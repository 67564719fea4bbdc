import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { Notice } from "./notice.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Why a worker isn't there, as far as it isn't; nothing where all is well. */
export function WorkerTroubles({ worker }: { worker: WorkerView }): JSX.Element {
  const words = useWords();
  const { error, waiting_for, restart_at } = worker;
  return (
    <>
      {error !== null && (
        <Notice kind="bad" title={words.worker.crashed}>
          <p class="lines">{visibleText(error)}</p>
          {restart_at !== null && (
            <p>
              {words.worker.comesBack} <TimeAgo time={restart_at} />
            </p>
          )}
        </Notice>
      )}
      {waiting_for !== null && (
        <Notice kind="warning" title={words.worker.waits}>
          <p>{visibleText(waiting_for)}</p>
        </Notice>
      )}
    </>
  );
}
