import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { isFinalRun } from "../lib/schema/state_tables.ts";
import { LogPanel } from "../lib/ui/log_panel.tsx";
import type { LogTail } from "../lib/ui/log_tail.ts";
import { RunFacts } from "../lib/ui/run_facts.tsx";
import type { RunPicture } from "../lib/ui/run_graph_view.ts";
import type { RunPageView } from "../lib/ui/run_page_view.ts";
import { RunReport } from "../lib/ui/run_report.tsx";
import { StaleNotice } from "../lib/ui/stale_notice.tsx";
import { type LiveProps, useLive } from "../lib/ui/use_live.ts";
import { useWords } from "../lib/ui/words/words.ts";

/** A run, its tasks and what they write, as it is now. */
export function LiveRun(
  props: LiveProps<RunPageView> & { mayAct: boolean; picture: RunPicture | null },
): JSX.Element {
  const { run: words } = useWords();
  const { view, tail, isStale } = useLive(props, isFinalRun(props.view.run.status));
  const { run } = view.value;
  return (
    <>
      {isStale.value && <StaleNotice />}
      <RunReport view={view.value} picture={props.picture} mayAct={props.mayAct} />
      <section aria-labelledby="output">
        <h2 id="output">{words.output}</h2>
        <Output runId={run.run_id} tail={tail} hasEnded={isFinalRun(run.status)} />
      </section>
      <section aria-labelledby="details">
        <h2 id="details">{words.details}</h2>
        <RunFacts run={run} />
      </section>
    </>
  );
}

/** Reads the lines itself, so that those that come draw nothing else anew. */
function Output(
  { runId, tail, hasEnded }: { runId: string; tail: Signal<LogTail>; hasEnded: boolean },
): JSX.Element {
  return <LogPanel runId={runId} tail={tail.value} hasEnded={hasEnded} />;
}
