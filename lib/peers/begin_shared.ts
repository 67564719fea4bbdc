/** Begins with a shared run that this node has come to hold, from where its last holder has told of it. */
import type { Tx } from "../db/database.ts";
import type { Node } from "../node.ts";
import { isOnHomeserver } from "../config_matrix.ts";
import { mirrorRun } from "../scheduler/mirror_run.ts";
import { receiveRun } from "../scheduler/receive_run.ts";
import { runView } from "../scheduler/run_views.ts";
import type { SharedRunRow } from "../scheduler/shared_run_store.ts";
import { takeOver } from "../scheduler/take_over.ts";
import { scopeKey } from "../schema/scope.ts";
import { deadlineOf, workerFor } from "../skill/dag_executor.ts";
import { requireWilling } from "./willingness.ts";

/**
 * Receives the run, if it isn't here, and carries it out.
 * @throws {CisError} when it may not be carried out here; nothing is kept then
 */
export function beginShared(
  tx: Tx,
  node: Node,
  { row, until }: {
    readonly row: SharedRunRow;
    /** Until when, by this machine's clock; null: for ever. */
    readonly until: number | null;
  },
): void {
  const { config, handovers, runs, specs } = node;
  const received = requireWilling(node, row);
  const run = received === undefined ? runs.load(row.run_id) : receiveRun(tx, node, received);
  if (run === undefined) throw new Error(`the run ${row.run_id} is not here`);
  if (received !== undefined) {
    node.audit.append(tx, {
      tokenId: received.tokenId,
      action: "dag.execute",
      target: received.spec.dag_id,
      outcome: "done",
      detail: {
        run_id: row.run_id,
        origin: row.origin,
        confirmed_by: received.confirmedBy,
        generation: row.generation,
      },
      requestId: row.last_event ?? "",
    });
  }
  const told = handovers.shared.tasks(row.run_id);
  if (received !== undefined && told.length > 0) {
    mirrorRun(tx, node, { ...runView(run, node), status: "running", tasks: told });
  }
  const spec = specs.specOf(run);
  // A worker that is reached by the homeserver couldn't be told to stop when that can't be reached.
  const needsOwn = until !== null && isOnHomeserver(config.matrix, scopeKey(spec.scope));
  handovers.shared.hold(tx, row.run_id, { generation: row.generation, until });
  takeOver(tx, node, {
    runId: row.run_id,
    nodeId: config.node_id,
    workerId: workerFor(spec.scope, needsOwn),
    deadlineAt: deadlineOf(spec, tx.now),
    before: new Set(Object.keys(JSON.parse(row.body).results ?? {})),
  });
}
