/** Which Host headers are this node's: a page of another site must not reach it by a DNS trick. */
import { CisError } from "../errors.ts";
import type { Node } from "../node.ts";

const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Throws unless the Host header names this node. The port doesn't matter.
 * @throws {CisError} `misdirected_host`
 */
export function requireKnownHost(request: Request, node: Node): void {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  const { config } = node;
  if (LOOPBACK.includes(name) || name === config.host.toLowerCase()) return;
  if (config.allowed_hosts.some((allowed) => allowed.toLowerCase() === name)) return;
  if (config.public_url !== undefined && new URL(config.public_url).hostname === name) return;
  throw new CisError(
    "misdirected_host",
    `this node is not known as "${
      name.slice(0, 200)
    }"; if it should be, add the name to allowed_hosts`,
  );
}
