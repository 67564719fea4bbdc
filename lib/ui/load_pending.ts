/** The data of the page of waiting versions. */
import { dataOf } from "../api/client.ts";
import type { State } from "../api/state.ts";
import { hasRole } from "../schema/roles.ts";
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
