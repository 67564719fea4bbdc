/** The data of the page of waiting versions. */
import { dataOf } from "../../../../../lib/api/client.ts";
import type { State } from "../../../../../lib/api/state.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import type { PendingData } from "./pending_list.tsx";

/**
 * Loads what waits, as the visitor may see it.
 * @throws {ProblemError} when the API refuses
 */
export async function loadPending(
  state: State,
  refused?: PendingData["refused"],
): Promise<PendingData> {
  const { pending } = dataOf(await state.api.pending());
  return { pending, mayDecide: hasRole(state.principal?.roles ?? [], "approver"), refused };
}
