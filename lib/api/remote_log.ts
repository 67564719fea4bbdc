/** The log of a run that another node has: asked for there and passed on as it comes. */
import { CisError } from "../errors.ts";
import type { Call } from "./endpoint.ts";
import { peer } from "./peer.ts";

/** The node that keeps the output of a run, where that is another one. */
export function keeperOfLog(
  { handovers, config }: Call["node"],
  runId: string,
): string | undefined {
  const row = handovers.load(runId);
  if (row !== undefined) return row.status === "here" ? undefined : row.node_id ?? undefined;
  const holder = handovers.shared.load(runId)?.holder ?? config.node_id;
  return holder === config.node_id ? undefined : holder;
}

/**
 * The other node's answer, or undefined when the run is this node's.
 * @throws {CisError} `node_unknown`, `node_unreachable`
 */
export async function remoteLog(
  { ctx, node }: Call,
  { runId, taskId }: { readonly runId: string; readonly taskId?: string },
): Promise<Response | undefined> {
  const keeper = keeperOfLog(node, runId);
  if (keeper === undefined) return undefined;
  if (!Object.hasOwn(node.config.nodes, keeper)) {
    throw new CisError(
      "node_unknown",
      `what the run has written is on ${keeper}: read it there, or name its url and token_file ` +
        'under "nodes" in the settings here',
    );
  }
  const requester = peer(node.config, keeper);
  const query = Object.fromEntries(ctx.url.searchParams);
  const response = await requester.open(`/api/v1/received/${encodeURIComponent(runId)}/logs`, {
    query: { ...query, task_id: taskId },
    accept: ctx.req.headers.get("accept") ?? "application/json",
    lastEventId: ctx.req.headers.get("last-event-id") ?? "",
    signal: AbortSignal.any([ctx.req.signal, node.ending]),
  }).catch((error) => {
    throw new CisError(
      "node_unreachable",
      `the log is on ${keeper}, which can't be reached: ${String(error)}`,
    );
  });
  // A run that never got there has written nothing.
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  const headers = new Headers({ "cache-control": "no-store" });
  for (const name of ["content-type", "x-accel-buffering"]) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}
