import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { ActionButton } from "./action_button.tsx";
import { useWords } from "./words/words.ts";

/** Stop and restart, as far as they make sense for the worker's state. */
export function WorkerActions({ worker }: { worker: WorkerView }): JSX.Element {
  const words = useWords().worker;
  const base = `/workers/${encodeURIComponent(worker.worker_id)}`;
  const lives = worker.status === "starting" || worker.status === "running";
  return (
    <div class="actions">
      {lives && (
        <ActionButton action={`${base}/stop`} label={words.stop} about={worker.worker_id} bad />
      )}
      {worker.managed_by === "node" && (
        <ActionButton
          action={`${base}/restart`}
          label={lives ? words.restart : words.start}
          about={worker.worker_id}
        />
      )}
    </div>
  );
}
