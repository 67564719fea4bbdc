/** Takes runs that other nodes hand over: POST /dag/execute, and what they ask about them later. */
import type { z } from "zod";
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { type Principal, requireScope } from "../auth/principal.ts";
import type { Node } from "../node.ts";
import { cancelRun } from "../scheduler/run_actions.ts";
import { type ReceivedRun, receiveRun, requireFree } from "../scheduler/receive_run.ts";
import type { RunRow } from "../scheduler/run_store.ts";
import { CancelReceivedBody, type ExecuteAnswer, ExecuteBody } from "../schema/handover.ts";
import { parseSpecDocument } from "../schema/parse_spec.ts";
import { scopeKey } from "../schema/scope.ts";
import { isFinalRun } from "../schema/states.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { requirePermitted } from "./require_permitted.ts";

/**
 * Begins the run that a node hands over, or says whether this node would.
 * @throws {CisError} `forbidden` for a node that isn't who it says, `invalid_spec`, also for tasks
 * that may not have here what they ask for,
 * `invalid_request` for a hash that isn't the spec's, and see `receiveRun`
 */
export function executeRun(call: Call): (tx: Tx) => Done<ExecuteAnswer> {
  const { node, principal } = call;
  const body = call.body(ExecuteBody);
  if (principal.name !== body.origin) {
    throw new CisError(
      "forbidden",
      `the token is that of "${principal.name}", and the run comes from "${body.origin}": a node ` +
        "hands runs over with a token that has its own name",
    );
  }
  const received = receivedRun(node, principal, body);
  const answer = { run_id: body.run_id, node_id: node.config.node_id };
  if (body.offer) {
    requireFree(node, received);
    const said = { ...answer, accepted: false, willing: hasRoom(call), status: null };
    return () => ({ answer: said, isQuestion: true });
  }
  return (tx) => {
    const run = receiveRun(tx, node, received);
    return {
      answer: { ...answer, accepted: true, willing: true, status: run.status },
      target: received.spec.dag_id,
      detail: { run_id: run.run_id, origin: body.origin, confirmed_by: body.confirmed_by },
    };
  };
}

/** The run in the path, for the node that it came from. @throws {CisError} `run_not_found` */
export function requireReceivedRun({ node, principal, param }: Call): RunRow {
  const runId = param("run_id");
  const row = node.runs.load(runId);
  if (row !== undefined && node.handovers.received(runId)?.origin === principal.name) return row;
  throw new CisError("run_not_found", `no run "${runId}" has come from ${principal.name}`);
}

/** Ends a run for the node that it came from; one that hasn't come won't be taken any more. */
export function cancelReceived(
  call: Call,
): (tx: Tx) => Done<{ success: true; run_id: string }> {
  const { node, principal, param } = call;
  const { reason } = call.body(CancelReceivedBody);
  const run_id = param("run_id");
  const done: Done<{ success: true; run_id: string }> = { answer: { success: true, run_id } };
  return (tx) => {
    const known = node.handovers.received(run_id);
    if (known === undefined && node.runs.load(run_id) === undefined) {
      const nothing = { dag_id: null, version: null, spec_hash: null, confirmed_by: null };
      node.handovers.receive(tx, { run_id, origin: principal.name, ...nothing });
      return done;
    }
    if (known?.dag_id === null) return { ...done, isQuestion: true };
    const row = requireReceivedRun(call);
    if (isFinalRun(row.status)) return { ...done, isQuestion: true };
    cancelRun(tx, node, { runId: run_id, byName: `${principal.name} (${reason})` });
    return done;
  };
}

/**
 * What another node hands over, if it may run here.
 * @param principal who stands for that node
 * @throws {CisError} `scope_not_allowed`, `invalid_spec`, `invalid_request`
 */
export function receivedRun(
  node: Node,
  principal: Principal,
  body: Omit<z.output<typeof ExecuteBody>, "offer">,
): ReceivedRun {
  const parsed = parseSpecDocument(body.spec, { maxTasks: node.config.max_tasks });
  if (!parsed.ok) {
    const text = parsed.problems.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw new CisError("invalid_spec", text, { errors: parsed.problems });
  }
  if (parsed.spec_hash !== body.spec_hash) {
    throw new CisError(
      "invalid_request",
      `spec_hash is ${body.spec_hash}, and the spec's is ${parsed.spec_hash}: it is not what was ` +
        "confirmed",
    );
  }
  requireScope(principal, scopeKey(parsed.spec.scope));
  // One that has been taken goes on, also when less is allowed by now: its tasks are held to that.
  if (node.handovers.received(body.run_id) === undefined) requirePermitted(node, parsed.spec);
  return {
    runId: body.run_id,
    origin: body.origin,
    spec: parsed.spec,
    specHash: parsed.spec_hash,
    triggeredBy: body.triggered_by,
    confirmedBy: body.confirmed_by,
    results: body.results,
    tokenId: principal.tokenId,
    policy: node.policies.ceiling(parsed.spec.scope),
  };
}

/** Whether the node would begin another run at once. @param more that come before that one */
export function hasRoom({ node }: Pick<Call, "node">, more = 0): boolean {
  const limit = node.config.max_running_runs;
  return limit === undefined || node.executor.openCount + more < limit;
}
