/**
 * Finds the node and the token: flag > environment > the data directory of a node on this machine.
 * @module
 */
import { UsageError } from "./usage_error.ts";

/** What was said about the node, from the strongest to the weakest. */
export interface ConnectionSources {
  readonly flags: { readonly url?: string; readonly tokenFile?: string };
  /** From the environment. */
  readonly url?: string;
  readonly token?: string;
  readonly dataDir: string;
  /** Where a node with this machine's settings listens. */
  readonly localUrl: string;
  /** @throws {Deno.errors.NotFound} */
  readonly readTextFile: (path: string) => string;
}

/** Where to ask, and as who. */
export interface Connection {
  readonly url: string;
  readonly token?: string;
}

/**
 * Decides which node to ask with which token. The owner's token of the local node is never sent to
 * another machine.
 * @throws {UsageError} when the address is none or the token file can't be read
 */
export function findConnection(sources: ConnectionSources): Connection {
  // An empty variable is one that isn't set.
  const given = sources.flags.url ?? (sources.url || undefined);
  const url = given === undefined ? sources.localUrl : checkedUrl(given);
  const token = tokenFromFile(sources) ?? (sources.token || ownerToken(sources, url));
  return token === undefined ? { url } : { url, token };
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return text.replace(/\/+$/, "");
  throw new UsageError(
    `"${text}" is not the address of a node`,
    "Write it like http://127.0.0.1:6767",
  );
}

function tokenFromFile({ flags, readTextFile }: ConnectionSources): string | undefined {
  if (flags.tokenFile === undefined) return undefined;
  try {
    return readTextFile(flags.tokenFile).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Can't read the token file ${flags.tokenFile}: ${reason}`);
  }
}

function ownerToken({ dataDir, readTextFile }: ConnectionSources, url: string): string | undefined {
  if (!isLoopback(new URL(url).hostname)) return undefined;
  try {
    return readTextFile(`${dataDir}/owner.token`).trim();
  } catch {
    // No node has kept its data here, or it belongs to somebody else: the node says what is missing.
    return undefined;
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
