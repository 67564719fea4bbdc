import type { JSX } from "preact";
import type { WorkerView } from "../schema/api.ts";
import { scopeKey } from "../schema/scope_key.ts";
import { Fact, Facts } from "./facts.tsx";
import { sizeText } from "./size_text.ts";
import { TimeAgo } from "./time_ago.tsx";
import { spanText } from "./time_text.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Everything about a worker as it is now. */
export function WorkerFacts(
  { worker, workspace }: { worker: WorkerView; workspace: string | undefined },
): JSX.Element {
  const words = useWords();
  const { rss, cpu_ms, pid, crashes_in_row } = worker;
  return (
    <Facts>
      <Fact name={words.worker.scope}>
        <code>{scopeKey(worker.scope)}</code>
      </Fact>
      <Fact name={words.worker.process}>{pid ?? "–"}</Fact>
      <Fact name={words.worker.started}>
        <TimeAgo time={worker.started_at} />
      </Fact>
      <Fact name={words.worker.heartbeat}>
        <TimeAgo time={worker.last_heartbeat} />
      </Fact>
      <Fact name={words.worker.tasks}>{worker.active_tasks}</Fact>
      <Fact name={words.worker.memory}>{rss === null ? "–" : sizeText(rss)}</Fact>
      <Fact name={words.worker.cpuTime}>
        {cpu_ms === null ? "–" : spanText(cpu_ms, words.time)}
      </Fact>
      <Fact name={words.worker.restarts}>
        {worker.restarts}
        {crashes_in_row > 0 && <span class="remark">{words.worker.crashes(crashes_in_row)}</span>}
      </Fact>
      <Fact name={words.worker.managedBy}>
        {worker.managed_by === "node" ? words.worker.byNode : words.worker.byCli}
      </Fact>
      <Fact name={words.worker.workspace}>
        {workspace !== undefined && <code>{visibleText(workspace)}</code>}
      </Fact>
      <Fact name={words.worker.room}>
        <code>{worker.room_id}</code>
      </Fact>
    </Facts>
  );
}
