/** The filters of the lists of decisions and debts, from their queries. */
import { CisError } from "../errors.ts";
import type { DebtFilter } from "../scheduler/debt_store.ts";
import type { DecisionFilter } from "../scheduler/decision_store.ts";
import { DEBT_STATES, DebtState, DECISION_STATES, DecisionState } from "../schema/states.ts";
import { decodeCursor, pageLimit } from "./paging.ts";

/** Reads `status run limit cursor`. @throws {CisError} `invalid_request` naming the parameter */
export function decisionFilter(url: URL): DecisionFilter {
  const cursor = decodeCursor(url, ["number", "string"]);
  const status = given(url, "status");
  const parsed = DecisionState.safeParse(status);
  if (status !== undefined && !parsed.success) throw notAState(status, DECISION_STATES);
  return {
    status: parsed.data,
    runId: given(url, "run"),
    before: cursor && { createdAt: cursor[0], decisionId: cursor[1] },
    limit: pageLimit(url),
  };
}

/** Reads `status run dag_id limit cursor`. @throws {CisError} `invalid_request` */
export function debtFilter(url: URL): DebtFilter {
  const cursor = decodeCursor(url, ["number", "string"]);
  const status = given(url, "status");
  const parsed = DebtState.safeParse(status);
  if (status !== undefined && !parsed.success) throw notAState(status, DEBT_STATES);
  return {
    status: parsed.data,
    runId: given(url, "run"),
    dagId: given(url, "dag_id"),
    before: cursor && { createdAt: cursor[0], debtId: cursor[1] },
    limit: pageLimit(url),
  };
}

function given(url: URL, name: string): string | undefined {
  return url.searchParams.get(name) || undefined;
}

function notAState(text: string, states: readonly string[]): CisError {
  return new CisError("invalid_request", `status is one of ${states.join(", ")}, not "${text}"`);
}
