/** The key under which secrets are encrypted: a file beside the database, made at the first need. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { CisError } from "../errors.ts";

const FILE = "secret.key";
const KEY_BYTES = 32;

/** Where the key of a data directory is. */
export function secretKeyPath(dataDir: string): string {
  return join(dataDir, FILE);
}

/**
 * Reads the key.
 * @returns undefined when there is no file
 * @throws {CisError} `secrets_unreadable` for a file that can't be read or holds no key
 */
export function readSecretKey(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new CisError("secrets_unreadable", `${path} can't be read: ${String(error)}`);
  }
  const key = Uint8Array.from(Buffer.from(text.trim(), "base64url"));
  if (key.length === KEY_BYTES) return key;
  throw new CisError(
    "secrets_unreadable",
    `${path} doesn't hold a key of ${KEY_BYTES} bytes; put the right file back from your backup`,
  );
}

/**
 * Makes a key, for this user's eyes only. It is on the disk before anything is encrypted with it.
 * @throws Deno's errors when the file can't be written
 */
export function makeSecretKey(path: string): Uint8Array {
  const key = Uint8Array.from(randomBytes(KEY_BYTES));
  const fresh = `${path}.new`;
  try {
    Deno.removeSync(fresh);
  } catch {
    // Usually there is none.
  }
  using file = Deno.openSync(fresh, { write: true, createNew: true, mode: 0o600 });
  file.writeSync(new TextEncoder().encode(`${Buffer.from(key).toString("base64url")}\n`));
  file.syncSync();
  Deno.renameSync(fresh, path);
  using directory = Deno.openSync(dirname(path), { read: true });
  directory.syncSync();
  return key;
}
