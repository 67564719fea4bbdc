/** Makes what the page of a task shows, for the page itself and for the stream that keeps it up to date. */
import type { LiveSource } from "../../../../../../../../lib/api/live_stream.ts";
import type { Lookup } from "../../../../../../../../lib/api/require_seen.ts";
import { CisError } from "../../../../../../../../lib/errors.ts";
import { requireRun } from "../../../../../../../../lib/scheduler/run_actions.ts";
import { runView } from "../../../../../../../../lib/scheduler/run_views.ts";
import { withWaiting } from "../../../../../../../../lib/scheduler/waiting_views.ts";
import { type TaskPageView, taskPageView } from "../../../../../../../../lib/ui/task_page_view.ts";

interface TaskSource extends LiveSource {
  readonly make: () => TaskPageView;
  /** The attempt whose output alone is wanted. */
  readonly attempt: number | undefined;
}

/** A task's page as a source of views. */
export function taskSource(
  { node, runId, taskId, url }: { node: Lookup["node"]; runId: string; taskId: string; url: URL },
): TaskSource {
  const attempt = attemptOf(url);
  return {
    node,
    runId,
    attempt,
    key: `task ${runId} ${taskId}`,
    log: { runId, taskId, ...(attempt === undefined ? {} : { attempt }) },
    make: () => {
      const run = withWaiting(runView(requireRun(node.runs, runId), node), node);
      const view = taskPageView(run, taskId);
      if (view !== undefined) return view;
      throw new CisError("task_not_found", `the run ${runId} has no task "${taskId}"`);
    },
  };
}

function attemptOf(url: URL): number | undefined {
  const attempt = Number(url.searchParams.get("attempt") ?? "");
  return Number.isInteger(attempt) && attempt > 0 ? attempt : undefined;
}
