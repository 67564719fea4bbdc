/**
 * The socket file at which a node's workers connect. A file instead of a port: nobody but this user
 * can reach it, a worker needs no network for it, and a restarted node is found at the same place
 * whatever port it has now.
 */
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { createHash } from "node:crypto";

/** A socket's path takes 107 bytes at most (`sun_path` in unix(7)). */
const MAX_PATH_BYTES = 107;

/** Where the workers of the node with this data directory connect. @param dataDir absolute */
export function nodeSocketPath(dataDir: string): string {
  const path = join(dataDir, "node.sock");
  if (new TextEncoder().encode(path).length <= MAX_PATH_BYTES) return path;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  return join(tmpdir(), `cis-${name}`, "node.sock");
}

/**
 * Listens at a socket file, in place of what an earlier life of the node left there.
 * @throws Deno's errors when the file can't be made
 */
export function listenAt(path: string): Deno.UnixListener {
  const directory = dirname(path);
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (Deno.statSync(directory).uid !== Deno.uid()) {
    throw new Error(
      `${directory} belongs to another user; remove it, or use a shorter data directory`,
    );
  }
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const listener = Deno.listen({ transport: "unix", path });
  Deno.chmodSync(path, 0o600);
  return listener;
}
