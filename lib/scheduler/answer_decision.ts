/**
 * The one place where people decide about a task, whichever door was used: approve, reject, vote.
 * Who may and whether there is still time are conditions of the statement itself, and what follows
 * from the decision is in the same transaction.
 */
import type { Database, Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import type { DecisionRow, DecisionStore } from "./decision_store.ts";
import type { EventLog } from "./event_log.ts";
import type { LocalExecutor } from "./local_executor.ts";
import { mayDecide, requireMayDecide } from "./may_decide.ts";
import type { Verdict } from "./run_state.ts";

/** What answering takes. */
export interface AnswerParts {
  readonly db: Database;
  readonly decisions: DecisionStore;
  readonly events: EventLog;
  readonly executor: LocalExecutor;
}

/** An answer to a decision. */
export interface Answer {
  readonly decisionId: string;
  readonly answer: "approve" | "reject";
  /** Token of who answers. */
  readonly by: string;
  readonly reason?: string;
  /** Whether nobody may approve a part of what they published. */
  readonly separationOfDuties: boolean;
}

const OTHER_PUBLISHED = `(:duties = 0 OR NOT EXISTS (SELECT 1 FROM dag_specs s
  WHERE s.dag_id = decisions.dag_id AND s.version = decisions.version AND s.published_by = :who))`;
const CONDITIONS = `decisions.decision_id = :id AND decisions.status = 'open'
  AND decisions.expires_at > :now AND ${mayDecide("decisions")} AND ${OTHER_PUBLISHED}`;

const DECIDE = `UPDATE decisions
  SET status = :status, decided_by = :who, decided_at = :now, reason = :reason
  WHERE ${CONDITIONS} AND kind <> 'arbitrated' RETURNING decision_id`;

/** The stakeholder that the token is: by its id or its name, once. */
const VOTE =
  `INSERT INTO decision_votes (decision_id, stakeholder, token_id, vote, reason, voted_at)
  SELECT decisions.decision_id, s.value, t.token_id, :vote, :reason, :now
  FROM decisions, json_each(decisions.stakeholders) s
  JOIN tokens t ON t.token_id = :who AND s.value IN (t.token_id, t.name)
  WHERE ${CONDITIONS} AND kind = 'arbitrated'
  ORDER BY s.value = t.token_id DESC LIMIT 1
  ON CONFLICT DO NOTHING RETURNING stakeholder`;

/**
 * Approves or rejects, or votes where stakeholders decide. The same answer again is answered alike.
 * @throws {CisError} saying why it was not taken; nothing has changed then
 */
export function answerDecision(tx: Tx, parts: AnswerParts, answer: Answer): DecisionRow {
  const row = requireDecision(parts.decisions, answer.decisionId);
  return row.kind === "arbitrated" ? vote(tx, parts, answer) : decide(tx, parts, answer);
}

/** One decision. @throws {CisError} `decision_not_found` */
export function requireDecision(decisions: DecisionStore, decisionId: string): DecisionRow {
  const row = decisions.load(decisionId);
  if (row !== undefined) return row;
  throw new CisError(
    "decision_not_found",
    `there is no decision "${decisionId}"; see the list of decisions`,
  );
}

function decide(tx: Tx, parts: AnswerParts, answer: Answer): DecisionRow {
  const status = STATUS[answer.answer];
  const done = parts.db.getNamed(DECIDE, { ...valuesOf(tx, answer), status });
  if (done === undefined) return repeated(tx, parts, answer);
  const row = requireDecision(parts.decisions, answer.decisionId);
  const by = row.decided_by_name ?? "";
  finish(tx, parts, { row, verdict: status, reason: sentence(`${status} by ${by}`, row.reason) });
  return row;
}

function vote(tx: Tx, parts: AnswerParts, answer: Answer): DecisionRow {
  const values = { ...valuesOf(tx, answer), vote: answer.answer };
  const given = parts.db.getNamed<{ stakeholder: string }>(VOTE, values);
  if (given === undefined) return repeated(tx, parts, answer);
  const row = requireDecision(parts.decisions, answer.decisionId);
  parts.events.append(tx, {
    type: "decision.voted",
    ...about(row),
    data: {
      decision_id: row.decision_id,
      by: given.stakeholder,
      vote: answer.answer,
      ...(answer.reason === undefined ? {} : { reason: answer.reason }),
    },
  });
  const verdict = verdictOf(row, parts.decisions);
  if (verdict === undefined) return row;
  const why = verdict.reason;
  parts.db.run(
    "UPDATE decisions SET status = ?, decided_at = ?, reason = ? WHERE decision_id = ?",
    verdict.status,
    tx.now,
    why,
    row.decision_id,
  );
  const decided = requireDecision(parts.decisions, answer.decisionId);
  finish(tx, parts, { row: decided, verdict: verdict.status, reason: `${verdict.status}: ${why}` });
  return decided;
}

/** What the votes so far decide: enough have agreed, or too few still can. */
function verdictOf(
  row: DecisionRow,
  decisions: DecisionStore,
): { status: "approved" | "rejected"; reason: string } | undefined {
  const stakeholders = (JSON.parse(row.stakeholders ?? "[]") as string[]).length;
  const threshold = row.threshold ?? stakeholders;
  const votes = decisions.votes(row.decision_id);
  const named = (wanted: string): string[] =>
    votes.filter(({ vote }) => vote === wanted).map(({ stakeholder }) => stakeholder);
  const [yes, no] = [named("approve"), named("reject")];
  if (yes.length >= threshold) {
    return { status: "approved", reason: `${yes.join(", ")} agreed` };
  }
  if (stakeholders - no.length >= threshold) return undefined;
  return { status: "rejected", reason: `${no.join(", ")} disagreed, so ${threshold} can't agree` };
}

/** Tells of a decision and lets what follows from it happen to the run. */
export function finish(
  tx: Tx,
  { events, executor }: Pick<AnswerParts, "events" | "executor">,
  { row, verdict, reason }: { row: DecisionRow; verdict: Verdict; reason: string },
): void {
  events.append(tx, {
    type: `decision.${row.status}`,
    ...about(row),
    data: {
      decision_id: row.decision_id,
      kind: row.kind,
      ...(row.decided_by_name === null ? {} : { by: row.decided_by_name }),
      ...(row.reason === null ? {} : { reason: row.reason }),
    },
  });
  executor.happen(tx, row.run_id, { type: "decided", index: row.task_index, verdict, reason });
}

const STATUS = { approve: "approved", reject: "rejected" } as const;

function valuesOf(tx: Tx, answer: Answer): Record<string, string | number | null> {
  return {
    id: answer.decisionId,
    who: answer.by,
    now: tx.now,
    reason: answer.reason ?? null,
    duties: answer.separationOfDuties && answer.answer === "approve" ? 1 : 0,
  };
}

function about(row: DecisionRow): { dagId: string; runId: string; taskId: string } {
  return { dagId: row.dag_id, runId: row.run_id, taskId: row.task_id };
}

function sentence(what: string, reason: string | null): string {
  return reason === null ? what : `${what}: ${reason}`;
}

/** The answer that was given before, if it was this one; else why it wasn't taken. */
function repeated(tx: Tx, parts: AnswerParts, answer: Answer): DecisionRow {
  const row = requireDecision(parts.decisions, answer.decisionId);
  requireMayDecide(tx, parts.db, {
    table: "decisions",
    where: "decision_id = :id",
    values: { id: row.decision_id },
    who: answer.by,
    about: `the task "${row.task_id}"`,
  });
  const mine = parts.decisions.votes(row.decision_id)
    .find(({ token_id }) => token_id === answer.by)?.vote;
  const before = row.decided_by === answer.by && row.status === STATUS[answer.answer];
  if (before || mine === answer.answer) return row;
  throw whyNot(tx, { row, answer, hasVoted: mine !== undefined, parts });
}

function whyNot(
  tx: Tx,
  { row, answer, hasVoted, parts }: {
    row: DecisionRow;
    answer: Answer;
    hasVoted: boolean;
    parts: AnswerParts;
  },
): CisError {
  const task = `the task "${row.task_id}" of ${row.run_id}`;
  if (row.status === "expired" || (row.status === "open" && row.expires_at <= tx.now)) {
    return new CisError(
      "decision_expired",
      `${task} could be decided until ${
        new Date(row.expires_at).toISOString()
      }; retry its run to ` +
        "be asked again",
    );
  }
  if (row.status !== "open") {
    const by = row.decided_by_name === null ? "" : ` by ${row.decided_by_name}`;
    return new CisError("already_decided", `the decision about ${task} is ${row.status}${by}`, {
      data: { status: row.status },
    });
  }
  if (hasVoted) {
    return new CisError("already_decided", `you have voted about ${task}, and a vote stands`);
  }
  const duties = answer.separationOfDuties && answer.answer === "approve" &&
    parts.db.get(
        "SELECT 1 FROM dag_specs WHERE dag_id = ? AND version = ? AND published_by = ?",
        row.dag_id,
        row.version,
        answer.by,
      ) !== undefined;
  if (duties) {
    return new CisError(
      "separation_of_duties",
      `"${row.dag_id}" was published with this token; somebody else has to approve its tasks`,
    );
  }
  const stakeholders = (JSON.parse(row.stakeholders ?? "[]") as string[]).join(", ");
  const voted = parts.decisions.votes(row.decision_id).some(({ stakeholder }) =>
    stakeholder === parts.db.get<{ name: string }>(
      "SELECT name FROM tokens WHERE token_id = ?",
      answer.by,
    )?.name
  );
  if (voted) {
    return new CisError("already_decided", "this stakeholder has voted with another token");
  }
  return new CisError(
    "not_a_stakeholder",
    `${task} is for ${stakeholders} to vote on, and this token is none of them`,
  );
}
