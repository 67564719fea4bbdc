/** Looks things up for a page, past the API's own encoding of runs that have thousands of tasks. */
import type { Context } from "fresh";
import { requireRole } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import type { Lookup } from "./require_seen.ts";
import type { State } from "./state.ts";

/**
 * Who looks at a page, and what its address names.
 * @throws {CisError} `unauthenticated`, `forbidden`, `not_ready`
 */
export function pageLookup(ctx: Context<State>): Lookup {
  const { node, principal } = ctx.state;
  if (principal === undefined) throw new CisError("unauthenticated", "nobody is signed in");
  requireRole(principal, "viewer");
  if (!node.isReady) throw new CisError("not_ready", "the node is starting; try again in a moment");
  return { node, principal, param: (name) => decodeURIComponent(ctx.params[name] ?? "") };
}
