/** POST /workers: a place for a worker that somebody starts in a terminal. */
import { requireScope } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import { WorkerStartBody } from "../schema/api.ts";
import { roomId, scopeKey, workerId as workerIdOf } from "../schema/scope.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { requireWorkerRoom } from "./worker_room.ts";

/**
 * Answers with everything that the terminal needs to spawn the process.
 * @throws {CisError} `scope_not_allowed`, `worker_exists`, `invalid_request` where the parts given contradict
 * each other, `worker_elsewhere`, `room_unavailable`
 */
export async function startWorker(call: Call): Promise<() => Done> {
  const { node } = call;
  const body = call.body(WorkerStartBody);
  requireScope(call.principal, scopeKey(body.scope));
  const workerId = workerIdOf(body.scope);
  const room = roomId(workerId, node.config.node_id);
  requireSame("worker_id", body.worker_id, workerId);
  requireSame("room_id", body.room_id, room);
  requireSame("parent_node", body.parent_node, node.config.node_id);
  await requireWorkerRoom(node, { workerId, scope: body.scope });
  // Here and not in the transaction, as in `workerAction`.
  const command = node.supervisor.admit({ scope: body.scope });
  const answer = {
    worker_id: workerId,
    room_id: room,
    argv: command.argv,
    env: command.env,
    cwd: command.cwd,
    // Secrets don't travel in answers: the worker gets them from the node when it connects.
    bootstrap: { ...command.bootstrap, secrets: {} },
  };
  return () => ({ answer, target: workerId });
}

function requireSame(name: string, given: string | undefined, expected: string): void {
  if (given === undefined || given === expected) return;
  throw new CisError(
    "invalid_request",
    `${name} of this scope is "${expected}" here, not "${given}"`,
  );
}
