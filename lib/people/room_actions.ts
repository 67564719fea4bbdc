/**
 * What commands and reactions change: by the functions that the other doors use, as the token that
 * stands for who speaks. Each is prepared first, and happens at once within the transaction that also
 * notes that it was heard.
 */
import { acceptedSpec } from "../api/parse_dag_body.ts";
import { publishDag } from "../api/publish_dag.ts";
import { requireSeenRun } from "../api/require_seen.ts";
import { type Principal, requireRole } from "../auth/principal.ts";
import type { Tx } from "../db/database.ts";
import type { Node } from "../node.ts";
import { answerDecision } from "../scheduler/answer_decision.ts";
import { confirm } from "../scheduler/confirm.ts";
import { reject } from "../scheduler/reject.ts";
import { cancelRun, retryRun } from "../scheduler/run_actions.ts";
import { parseSpecText } from "../schema/parse_spec.ts";
import { code, type NoticeText, say } from "./notice_text.ts";
import type { PastedSpec } from "./room_command.ts";

/** Who speaks, as the node knows them. */
export interface Speaker {
  readonly node: Node;
  readonly principal: Principal;
}

/** What was done. */
export interface RoomDone {
  /** What is answered; absent: what is shown already will say it. */
  readonly answer?: NoticeText;
  readonly target?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Something that is about to be done. */
export interface RoomAction {
  /** As the audit log of the other doors calls it. */
  readonly action: string;
  /** What it is about, as it was said. */
  readonly target?: string;
  /** What people see changes by it, so nothing is answered. */
  readonly isShown?: true;
  /** @throws {CisError} where it is refused; nothing has changed then */
  perform(tx: Tx): RoomDone;
}

/** The content that is meant, where it was said. */
interface VersionOrder {
  readonly dagId: string;
  readonly specHash?: string;
}

export function publishAction(speaker: Speaker, { text, format }: PastedSpec): RoomAction {
  const { node, principal } = speaker;
  return {
    action: "dag.publish",
    perform: (tx) => {
      requireRole(principal, "publisher");
      const options = { maxTasks: node.config.max_tasks };
      const parsed = parseSpecText(text, format === undefined ? options : { ...options, format });
      const { answer, ...done } = publishDag(speaker, acceptedSpec(speaker, parsed))(tx);
      const { dag_id, version } = answer;
      return { ...done, answer: say`Version ${version} of ${code(dag_id)} waits for a yes.` };
    },
  };
}

export function confirmAction({ node, principal }: Speaker, order: VersionOrder): RoomAction {
  return {
    action: "dag.confirm",
    target: order.dagId,
    perform: (tx) => {
      requireRole(principal, "approver");
      const separationOfDuties = node.config.separation_of_duties;
      const { version, spec_hash, run_id } = confirm(
        tx,
        { ...node, separationOfDuties },
        { ...order, confirmedBy: principal.tokenId },
      );
      return {
        answer: say`Version ${version} of ${code(order.dagId)} is confirmed; its run is ${
          code(run_id ?? "")
        }.`,
        detail: { version, spec_hash },
      };
    },
  };
}

export function rejectAction(
  { node, principal }: Speaker,
  order: VersionOrder & { readonly reason: string },
): RoomAction {
  return {
    action: "dag.reject",
    target: order.dagId,
    perform: (tx) => {
      requireRole(principal, "approver");
      const { version } = reject(tx, node, { ...order, rejectedBy: principal.tokenId });
      return {
        answer: say`Version ${version} of ${code(order.dagId)} is rejected.`,
        detail: { version, reason: order.reason },
      };
    },
  };
}

/** Approves or rejects, or votes where stakeholders decide. */
export function decisionAction(
  { node, principal }: Speaker,
  { decisionId, answer }: {
    readonly decisionId: string;
    readonly answer: "approve" | "reject";
  },
): RoomAction {
  const isVote = node.decisions.load(decisionId)?.kind === "arbitrated";
  return {
    action: isVote ? "decision.vote" : `decision.${answer}`,
    target: decisionId,
    perform: (tx) => {
      requireRole(principal, "approver");
      const { run_id, task_id, status } = answerDecision(tx, node, {
        decisionId,
        answer,
        by: principal.tokenId,
        separationOfDuties: node.config.separation_of_duties,
      });
      return { detail: { run_id, task_id, answer, status } };
    },
  };
}

export function cancelAction(speaker: Speaker, runId: string): RoomAction {
  const { node, principal } = speaker;
  return {
    action: "run.cancel",
    target: runId,
    perform: (tx) => {
      requireRole(principal, "approver");
      requireSeenRun({ ...speaker, param: () => runId });
      const { status } = cancelRun(tx, node, { runId, byName: principal.name });
      return { answer: say`The run ${code(runId)} is ${status}.`, detail: { run_id: runId } };
    },
  };
}

export function retryAction(speaker: Speaker, runId: string): RoomAction {
  const { node, principal } = speaker;
  return {
    action: "run.retry",
    target: runId,
    perform: (tx) => {
      requireRole(principal, "approver");
      requireSeenRun({ ...speaker, param: () => runId });
      const order = { runId, by: principal.tokenId, fromScratch: false };
      const { run_id } = retryRun(tx, node, order);
      return {
        answer: say`${code(run_id)} takes the place of ${code(runId)}.`,
        detail: { run_id },
      };
    },
  };
}
