/** The events of a run, or of everything one may see, as a stream. */
import { maySee, type Principal } from "../auth/principal.ts";
import type { Node } from "../node.ts";
import type { EventView } from "../schema/api.ts";
import { eventStream, partOf, resumePoint } from "./event_stream.ts";
import { fromDbFields, scopeKey } from "../schema/scope.ts";

/** Follows one run from its beginning, or from where a reconnect left off, to its end. */
export function runEventStream(request: Request, node: Node, runId: string): Response {
  return eventStream({
    read: (after, limit) => partOf(node.events.read({ runId, after, limit }), after),
    subscribe: (wake) =>
      node.events.subscribe((events) => {
        if (events.some((event) => event.run_id === runId)) wake();
      }),
    nameOf: (event) => event.type,
    isOver: () => node.runs.isOver(runId),
    until: node.ending,
  }, resumePoint(request, 0));
}

/** Follows everything from now on, or from where a reconnect left off. */
export function allEventsStream(
  request: Request,
  { node, principal }: { node: Node; principal: Principal },
): Response {
  return eventStream({
    read: (after, limit) => partOf(seen(node, principal, { after, limit }), after),
    subscribe: (wake) => node.events.subscribe(wake),
    nameOf: (event) => event.type,
    isOver: () => false,
    until: node.ending,
  }, resumePoint(request, node.events.latest()));
}

/** Reads on until something is found that the principal may see, or nothing is left. */
function seen(
  node: Node,
  principal: Principal,
  { after, limit }: { after: number; limit: number },
): EventView[] {
  for (let from = after;;) {
    const events = node.events.read({ after: from, limit });
    const visible = events.filter((event) =>
      principal.scopes === null || mayFollow(node, principal, event)
    );
    if (visible.length > 0 || events.length < limit) return visible;
    from = events.at(-1)?.seq ?? from;
  }
}

function mayFollow(node: Node, principal: Principal, event: EventView): boolean {
  if (event.run_id !== null) {
    const run = node.runs.load(event.run_id);
    return run !== undefined && maySee(principal, scopeKey(fromDbFields(run)));
  }
  if (event.dag_id === null) return false;
  const row = node.specs.load(event.dag_id);
  return row !== undefined && maySee(principal, scopeKey(node.specs.specOf(row).scope));
}
