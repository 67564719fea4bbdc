/** Workers that are started on other machines: which they are, and how they are asked to end. */
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { NodeTransport } from "./matrix/node_transport.ts";
import { CONTENT_VERSION } from "./schema/room_events.ts";
import { parseScopeText, roomId, type Scope, workerId as workerIdOf } from "./schema/scope.ts";
import type { WorkersElsewhere } from "./worker/supervisor_parts.ts";

/** The scope of a worker that is started on another machine; undefined for others. */
export function scopeElsewhere({ matrix }: Config, workerId: string): Scope | undefined {
  return matrix?.elsewhere.map(parseScopeText).find((scope) =>
    scope !== undefined && workerIdOf(scope) === workerId
  );
}

/** Those of a node, as its supervisor sees them. */
export function workersElsewhere(
  config: Config,
  { db, transport }: { readonly db: Database; readonly transport: () => NodeTransport },
): WorkersElsewhere {
  return {
    scopeOf: (workerId) => scopeElsewhere(config, workerId),
    shutdown: (workerId, reason) => {
      const content = { v: CONTENT_VERSION, reason, grace_ms: config.stop_grace_ms };
      db.write((tx) =>
        transport().send(tx, {
          roomId: roomId(workerId, config.node_id),
          type: "io.cis.worker.shutdown",
          content: JSON.stringify(content),
        })
      ).catch(() => {
        // It is given up for lost after its time in any case.
      });
    },
  };
}
