/**
 * What the node signs in to its homeserver with: a file for its owner's eyes only, written by
 * `deno task matrix setup`.
 */
import { join } from "node:path";
import { z } from "zod";

/** How accounts for workers are made. */
export const Registration = z.discriminatedUnion("by", [
  /** Synapse's `registration_shared_secret`. */
  z.strictObject({ by: z.literal("shared_secret"), secret: z.string().min(1) }),
  /** A registration token, as any homeserver may hand out. */
  z.strictObject({ by: z.literal("token"), token: z.string().min(1) }),
  /** Anybody may register. */
  z.strictObject({ by: z.literal("open") }),
]);
export type Registration = z.infer<typeof Registration>;

/** The node's account. */
export const Credentials = z.strictObject({
  homeserver: z.url({ protocol: /^https?$/ }),
  user_id: z.string().regex(/^@[^:]+:.+$/),
  device_id: z.string(),
  access_token: z.string().min(1),
  registration: Registration,
  /** What workers' passwords and keys are made from. */
  worker_key: z.string().min(32),
  /** The homeserver's id of the room where people follow and decide. */
  control_room: z.string().optional(),
  /** The homeserver's id of the room that this node shares with others. */
  nodes_room: z.string().optional(),
});
export type Credentials = z.infer<typeof Credentials>;

/** Where the file of a data directory is. */
export function credentialsPath(dataDir: string): string {
  return join(dataDir, "matrix.json");
}

/**
 * Reads them.
 * @returns undefined when there is no file
 * @throws {Error} when it can't be read or isn't what it should be, saying what to do
 */
export function readCredentials(path: string): Credentials | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`${path} can't be read: ${String(error)}`);
  }
  try {
    return Credentials.parse(JSON.parse(text));
  } catch {
    throw new Error(`${path} is damaged; make it anew with: deno task matrix setup`);
  }
}

/** Those of a data directory, if they can be used; what is wrong with them is told elsewhere. */
export function usableCredentials(dataDir: string): Credentials | undefined {
  try {
    return readCredentials(credentialsPath(dataDir));
  } catch {
    return undefined;
  }
}

/** Writes them, in place of what was there. @throws Deno's errors */
export function writeCredentials(path: string, credentials: Credentials): void {
  const fresh = `${path}.new`;
  try {
    Deno.removeSync(fresh);
  } catch {
    // Usually there is none.
  }
  {
    using file = Deno.openSync(fresh, { write: true, createNew: true, mode: 0o600 });
    file.writeSync(new TextEncoder().encode(`${JSON.stringify(credentials, null, 2)}\n`));
    file.syncSync();
  }
  Deno.renameSync(fresh, path);
}
