/** Another node, as this one reaches it: by its address and with the token that it has given. */
import type { Config } from "../config.ts";
import { CisError } from "../errors.ts";
import { Requester } from "./client_request.ts";

/** How long another node may take to answer, in milliseconds. */
const ANSWER_MS = 15_000;

/**
 * Requests to a node of the settings. Its token is read anew each time, so that a new one counts at
 * once.
 * @throws {CisError} `node_unknown`, also where its token can't be read
 */
export function peer(config: Pick<Config, "nodes" | "node_id">, nodeId: string): Requester {
  const known = config.nodes[nodeId];
  if (known === undefined) {
    throw new CisError(
      "node_unknown",
      `the node "${nodeId}" is not known to ${config.node_id}; name its url and token_file under ` +
        '"nodes" in the settings',
    );
  }
  return new Requester({
    baseUrl: known.url,
    token: readToken(nodeId, known.token_file),
    timeoutMs: ANSWER_MS,
  });
}

function readToken(nodeId: string, file: string): string {
  try {
    return Deno.readTextFileSync(file).trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CisError("node_unknown", `the token for the node "${nodeId}" can't be read: ${why}`);
  }
}
