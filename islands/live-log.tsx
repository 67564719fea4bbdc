import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { createClient, ProblemError } from "../lib/api/client.ts";
import { RunLog, type RunLogProps } from "../lib/ui/run_log.tsx";
import { withLine } from "../lib/ui/log_tail.ts";
import { whileShown } from "../lib/ui/while_shown.ts";

/** What a run's tasks write, as it comes. */
export function LiveLog(props: RunLogProps): JSX.Element {
  const { runId } = props;
  const tail = useSignal(props.tail);
  const hasEnded = useSignal(props.hasEnded);
  useEffect(() => {
    if (props.hasEnded) return;
    const client = createClient({ baseUrl: "" });
    const follow = async (signal: AbortSignal): Promise<void> => {
      const lastEventId = String(tail.peek().lines.at(-1)?.seq ?? 0);
      for await (const line of client.followLogs(runId, { lastEventId, signal })) {
        tail.value = withLine(tail.peek(), line);
      }
      hasEnded.value = !signal.aborted;
    };
    return whileShown((signal) => {
      follow(signal).catch((error) => {
        // A refusal meets the run above as well, which says so.
        if (!(error instanceof ProblemError)) throw error;
      });
    });
  }, []);
  return <RunLog {...props} tail={tail.value} hasEnded={hasEnded.value} />;
}
