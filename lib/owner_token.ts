/** The owner's token: made at the first start, kept in a file that only the owner can read. */
import { join } from "node:path";
import type { Node } from "./node.ts";

const FILE = "owner.token";

/** The owner's token as far as others may know it. */
export interface Owner {
  readonly tokenId: string;
  /** The file that holds it. */
  readonly path: string;
  /** Whether it was made now. */
  readonly isNew: boolean;
}

/**
 * Sees to it that `owner.token` holds a valid admin token.
 * @returns the token's id and file, and whether it was made now
 */
export async function ownerToken(node: Node): Promise<Owner> {
  const path = join(node.config.data_dir, FILE);
  const known = node.tokens.verify(readToken(path));
  if (known !== undefined) return { tokenId: known.tokenId, path, isNew: false };
  const { token, view } = await node.db.write((tx) =>
    node.tokens.create(tx, { name: "owner", roles: ["admin"], createdBy: null })
  );
  writePrivate(path, `${token}\n`);
  return { tokenId: view.token_id, path, isNew: true };
}

function readToken(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    // Not there, or not readable: a new one is made, and writing it says what is wrong.
    return "";
  }
}

/** Writes beside and renames: there is never half a token, nor one that others can read. */
function writePrivate(path: string, text: string): void {
  const fresh = `${path}.new`;
  try {
    Deno.removeSync(fresh);
  } catch {
    // Usually there is none.
  }
  Deno.writeTextFileSync(fresh, text, { mode: 0o600, createNew: true });
  Deno.renameSync(fresh, path);
}
