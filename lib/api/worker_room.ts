/** Before a worker is started whose room is on a homeserver. */
import { CisError } from "../errors.ts";
import { isElsewhere, startElsewhereText } from "../homeserver_workers.ts";
import type { Node } from "../node.ts";
import { type Scope, scopeKey } from "../schema/scope.ts";

/** How long a room may take to be made while somebody waits for it. */
const ROOM_MS = 10_000;

/**
 * Sees to it that a worker has its room, if it needs one.
 * @throws {CisError} `room_unavailable` while it can't be made, which is tried on; `worker_elsewhere` for
 * one that isn't started on this machine, with what is to be done on the other
 */
export async function requireWorkerRoom(
  { transport, config }: Pick<Node, "transport" | "config">,
  { workerId, scope }: { readonly workerId: string; readonly scope: Scope },
): Promise<void> {
  if (!transport.place(workerId, scope)) return;
  const { homeserver } = transport;
  const prepared = homeserver?.prepare(workerId, scopeKey(scope)).then(() => true, () => false);
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ROOM_MS);
  const isReady = await Promise.race([prepared, over]);
  clearTimeout(timer);
  if (isReady !== true) {
    const why = transport.troubleOf(workerId) ?? "the homeserver takes its time";
    const what = `the room of ${workerId} is not there yet: ${why}`;
    throw new CisError("room_unavailable", what);
  }
  if (isElsewhere(config.matrix, scope)) {
    const alias = homeserver?.handover(workerId)?.alias;
    throw new CisError("worker_elsewhere", startElsewhereText(workerId, { config, alias }));
  }
}
