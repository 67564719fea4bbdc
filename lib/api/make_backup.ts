/** POST /backup: a sound copy of the database in the data directory. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { backupDirectory } from "../config.ts";
import { requireReach } from "../auth/principal.ts";
import type { BackupAnswer } from "../schema/backup.ts";
import type { Call } from "./endpoint.ts";

/** @throws {CisError} `scope_not_allowed` for an admin of some scopes: the copy holds all of them */
export async function makeBackup({ ctx, node, principal }: Call): Promise<BackupAnswer> {
  requireReach(principal, null);
  const dir = backupDirectory(node.config);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const created_at = new Date(node.db.now()).toISOString();
  const name = `cis-${created_at.replace(/[:.]/g, "-")}-${crypto.randomUUID().slice(0, 8)}.db`;
  const path = join(dir, name);
  const { bytes, schema } = await node.db.copyTo(path);
  await node.db.write((tx) =>
    node.audit.append(tx, {
      tokenId: principal.tokenId,
      action: "backup",
      target: name,
      outcome: "done",
      detail: { bytes },
      requestId: ctx.state.requestId,
    })
  );
  const message = `A copy of ${bytes} bytes is in ${path}; every page of it was checked.`;
  return { success: true, node_id: node.config.node_id, path, bytes, schema, created_at, message };
}
