/** Whether this node would carry a shared run out, by who it comes from and what it is allowed here. */
import { hasRoom, receivedRun } from "../api/execute_run.ts";
import { requireRole } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { Node } from "../node.ts";
import { type ReceivedRun, requireFree } from "../scheduler/receive_run.ts";
import type { SharedRunRow } from "../scheduler/shared_run_store.ts";
import { DagExecuteContent } from "../schema/node_events.ts";
import { scopeKey } from "../schema/scope.ts";

/**
 * A shared run as this node would receive it. One that it has had, or that is its own, needs no more.
 * @throws {CisError} saying why it would not
 */
export function requireWilling(node: Node, row: SharedRunRow): ReceivedRun | undefined {
  const { config, runs, specs } = node;
  const known = runs.load(row.run_id);
  const received = known === undefined ? receive(node, row) : undefined;
  const spec = received?.spec ?? (known && specs.specOf(known));
  if (received !== undefined) requireFree(node, received);
  const isElsewhere = spec !== undefined &&
    config.matrix?.elsewhere.includes(scopeKey(spec.scope)) === true;
  if (row.target === "*" && isElsewhere) {
    throw new CisError(
      "invalid_state",
      "its worker is on another machine, and can't be stopped there in time",
    );
  }
  return received;
}

/** Whether it would begin another one at once. @param more that it may have to begin first @throws {CisError} */
export function requireRoom(node: Node, more: number): void {
  if (!hasRoom({ node }, more)) throw new CisError("invalid_state", "this node has no room");
}

function receive(node: Node, row: SharedRunRow): ReceivedRun {
  const { config, handovers, tokens } = node;
  const { origin } = row;
  if (origin === config.node_id) throw new CisError("run_not_found", "its own node has removed it");
  const account = handovers.shared.nodes().find(({ node_id }) => node_id === origin)?.user_id;
  const token = account === undefined ? undefined : tokens.boundTo(account);
  const principal = token && tokens.principal(token.token_id);
  if (principal === undefined) {
    throw new CisError(
      "forbidden",
      `${config.node_id} has not been told to take runs of ${origin}; there: deno task token bind ` +
        `${account ?? `<account of ${origin}>`} --role node --name ${origin}`,
    );
  }
  requireRole(principal, "node");
  const { v: _v, target: _target, ...body } = DagExecuteContent.parse(JSON.parse(row.body));
  return { ...receivedRun(node, principal, { ...body, origin }), isShared: true };
}
