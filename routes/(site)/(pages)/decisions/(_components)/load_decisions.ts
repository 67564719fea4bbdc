/** The data of the page of decisions. */
import { dataOf } from "../../../../../lib/api/client.ts";
import type { State } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import type { DecisionsData } from "./decision_list.tsx";

/** How many decided ones are shown below the open ones. */
const RECENT = 20;

/**
 * Loads what is asked, and what was, as the visitor may see it.
 * @throws {ProblemError} when the API refuses
 */
export async function loadDecisions(
  state: State,
  refused?: DecisionsData["refused"],
): Promise<DecisionsData> {
  const open = dataOf(await state.api.decisions({ status: "open", limit: 500 })).decisions;
  const newest = dataOf(await state.api.decisions({ limit: RECENT })).decisions;
  return {
    // The one that ends first is the one to look at first.
    open: open.toSorted((a, b) => a.expires_at < b.expires_at ? -1 : 1),
    recent: newest.filter(({ status }) => status !== "open"),
    mayAct: hasRole(state.principal?.roles ?? [], "approver"),
    ...(refused === undefined ? {} : { refused }),
  };
}
