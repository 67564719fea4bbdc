/** Makes what the page of a run shows, for the page itself and for the stream that keeps it up to date. */
import type { LiveSource } from "../../../../../../lib/api/live_stream.ts";
import type { Lookup } from "../../../../../../lib/api/require_seen.ts";
import { requireRun } from "../../../../../../lib/scheduler/run_actions.ts";
import { runView } from "../../../../../../lib/scheduler/run_views.ts";
import { withWaiting } from "../../../../../../lib/scheduler/waiting_views.ts";
import { pictureOf } from "../../../../../../lib/ui/picture_of.ts";
import { type RunPicture, runPicture } from "../../../../../../lib/ui/run_graph_view.ts";
import {
  type RunPageView,
  runPageView,
  taskQueryOf,
  taskQueryText,
} from "../../../../../../lib/ui/run_page_view.ts";

interface RunSource extends LiveSource {
  readonly make: () => RunPageView;
  /** The filter of the table, as a part of an address. */
  readonly query: string;
  readonly picture: RunPicture | null;
}

/** A run's page as a source of views. */
export function runSource(
  { node, runId, url }: { node: Lookup["node"]; runId: string; url: URL },
): RunSource {
  const query = taskQueryOf(url);
  const text = taskQueryText(query);
  const picture = pictureOf(node.specs.specOf(requireRun(node.runs, runId)));
  return {
    node,
    runId,
    query: text,
    picture: picture === undefined ? null : runPicture(picture),
    key: `run ${runId}${text}`,
    log: { runId },
    make: () =>
      runPageView(withWaiting(runView(requireRun(node.runs, runId), node), node), {
        query,
        picture,
        now: node.db.now(),
        lastLines: (taskId, count) => node.logs.tail({ runId, taskId }, count),
      }),
  };
}
