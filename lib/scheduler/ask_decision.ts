/** A task waits for a decision: the question becomes a row that every door can answer. */
import type { Tx } from "../db/database.ts";
import { durationMs } from "../schema/duration.ts";
import type { TaskSpec } from "../schema/dag_spec.ts";
import type { DecisionKind } from "../schema/states.ts";
import type { ActiveRun } from "./active_run.ts";
import type { DecisionStore } from "./decision_store.ts";
import type { EventLog } from "./event_log.ts";
import { specAt } from "./run_state.ts";
import { type Gate, gateOf } from "./start_gate.ts";

/** What asking takes. */
export interface AskParts {
  readonly decisions: DecisionStore;
  readonly events: EventLog;
  /** How long a decision waits whose level doesn't say. */
  readonly decisionExpireMs: number;
}

/** Stores the question about a task of a run, and tells of it. */
export function askDecision(tx: Tx, parts: AskParts, ask: { run: ActiveRun; index: number }): void {
  const { run, index } = ask;
  const task = specAt(run.machine, index);
  const gate = gateOf(task);
  if (gate === undefined) throw new Error(`the task "${task.id}" needs no decision`);
  const kind = kindOf(task, gate);
  const expiresAt = tx.now +
    (gate.timeout === undefined ? parts.decisionExpireMs : durationMs(gate.timeout));
  const question = questionOf(task, gate);
  const decisionId = parts.decisions.open(tx, {
    runId: run.runId,
    spec: run.machine.spec,
    version: run.version,
    taskIndex: index,
    kind,
    question,
    options: gate.type === "arbitrated" ? ["vote"] : ["approve", "reject"],
    defaultAction: gate.type === "recommended" ? gate.default_action : "fail",
    stakeholders: gate.type === "arbitrated" ? gate.stakeholders : null,
    threshold: gate.type === "arbitrated" ? thresholdOf(gate) : null,
    expiresAt,
  });
  parts.events.append(tx, {
    type: "decision.requested",
    dagId: run.dagId,
    runId: run.runId,
    taskId: task.id,
    data: {
      decision_id: decisionId,
      kind,
      question,
      expires_at: new Date(expiresAt).toISOString(),
    },
  });
}

/** An approval is called so unless its level makes it something else. */
function kindOf(task: TaskSpec, gate: Gate): DecisionKind {
  return task.type === "approval" && gate.type === "confirmed" ? "approval" : gate.type;
}

function questionOf(task: TaskSpec, gate: Gate): string {
  const name = task.name === undefined || task.name === "" ? task.id : `${task.name} (${task.id})`;
  const question = task.type === "approval"
    ? `Go on past ${name}?`
    : `Run the ${task.type} task ${name}?`;
  if (gate.type !== "arbitrated") return question;
  return `${question} ${thresholdOf(gate)} of ${gate.stakeholders.join(", ")} have to agree.`;
}

function thresholdOf(gate: Extract<Gate, { readonly type: "arbitrated" }>): number {
  return gate.threshold ?? gate.stakeholders.length;
}
