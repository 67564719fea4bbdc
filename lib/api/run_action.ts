/** Endpoints that do something to a run, or begin one: alike but for what they do. */
import type { Context } from "fresh";
import type { Tx } from "../db/database.ts";
import type { RunRow } from "../scheduler/run_store.ts";
import { type Call, endpoint } from "./endpoint.ts";
import type { State } from "./state.ts";

/** One such endpoint. */
export interface RunAction {
  /** For the audit log, such as "run.cancel". */
  readonly action: string;
  /** Looks the target up and throws where the caller may not touch it. @returns its id */
  target(call: Call): string;
  /** Within a transaction. @returns the run that resulted */
  perform(tx: Tx, call: Call): RunRow;
  message(row: RunRow): string;
}

/** Makes the endpoint: for approvers, audited, answered with the run that resulted. */
export function runAction(action: RunAction): (ctx: Context<State>) => Promise<Response> {
  return endpoint("approver", async (call) => {
    const { node, principal } = call;
    const target = action.target(call);
    const row = await node.db.write((tx) => {
      const result = action.perform(tx, call);
      node.audit.append(tx, {
        tokenId: principal.tokenId,
        action: action.action,
        target,
        outcome: "done",
        detail: { run_id: result.run_id },
      });
      return result;
    });
    return { success: true, run_id: row.run_id, status: row.status, message: action.message(row) };
  });
}
