/** The data of the page of waiting versions. */
import { dataOf } from "../../../../../lib/api/client.ts";
import type { State } from "../../../../../lib/api/state.ts";
import type { PendingView } from "../../../../../lib/schema/api.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import { layoutGraph } from "../../../../../lib/ui/graph_layout.ts";
import type { PendingItem } from "./pending_card.tsx";
import type { PendingData } from "./pending_list.tsx";

/** Pictures are made for so many versions at once; nobody compares more. */
const MOST_PICTURES = 10;

/**
 * Loads what waits, as the visitor may see it.
 * @throws {ProblemError} when the API refuses
 */
export async function loadPending(
  state: State,
  refused?: PendingData["refused"],
): Promise<PendingData> {
  const { pending } = dataOf(await state.api.pending());
  return {
    pending: await Promise.all(pending.map((dag, at) => loadItem(state, dag, at))),
    mayDecide: hasRole(state.principal?.roles ?? [], "approver"),
    refused,
  };
}

/** A version with what it is compared with, and its graph. */
async function loadItem({ api }: State, dag: PendingView, at: number): Promise<PendingItem> {
  const version = dag.confirmed_version;
  return {
    dag,
    before: version === null ? undefined : dataOf(await api.getDag(dag.dag_id, { version })),
    picture: at < MOST_PICTURES ? layoutGraph(dag.spec.tasks) : undefined,
  };
}
