/** Endpoints that do something to a run, or begin one: alike but for what they do. */
import type { Context } from "fresh";
import type { Tx } from "../db/database.ts";
import type { RunRow } from "../scheduler/run_store.ts";
import type { RunActionAnswer } from "../schema/api.ts";
import { changeEndpoint } from "./change_endpoint.ts";
import type { Audited, Call } from "./endpoint.ts";
import type { State } from "./state.ts";

/** One such endpoint. */
export interface RunAction extends Required<Audited> {
  /** Throws where there is no such thing, or the caller may not touch it. */
  require(call: Call): void;
  /** Within a transaction. @returns the run that resulted */
  perform(tx: Tx, call: Call): RunRow;
  message(row: RunRow): string;
}

/** Makes the endpoint: for approvers, audited, answered with the run that resulted. */
export function runAction(action: RunAction): (ctx: Context<State>) => Promise<Response> {
  return changeEndpoint<RunActionAnswer>({
    role: "approver",
    action: action.action,
    target: action.target,
    prepare: (call) => {
      action.require(call);
      return (tx) => {
        const row = action.perform(tx, call);
        const { run_id, status } = row;
        return {
          answer: { success: true, run_id, status, message: action.message(row) },
          detail: { run_id },
        };
      };
    },
  });
}
