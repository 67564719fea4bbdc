/** POST /tokens: a new token, shown in this answer and nowhere else. */
import { requireReach } from "../auth/principal.ts";
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { type TokenAnswer, TokenBody } from "../schema/api.ts";
import { parseDuration } from "../schema/duration.ts";
import { parseScopeText, scopeKey } from "../schema/scope.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";

/** Ten years. Who wants longer leaves `expires_in` out. */
const MAX_LIFETIME_MS = 3650 * 24 * 60 * 60 * 1000;

/** @throws {CisError} `invalid_request`, `scope_not_allowed` */
export function createToken(call: Call): (tx: Tx) => Done<TokenAnswer> {
  const { node, principal } = call;
  const body = call.body(TokenBody);
  const scopes = body.scopes?.map(canonicalScope) ?? null;
  requireReach(principal, scopes);
  const lifetime = body.expires_in === undefined ? null : lifetimeMs(body.expires_in);
  return (tx) => {
    const { token, view } = node.tokens.create(tx, {
      name: body.name,
      roles: body.roles,
      scopes,
      expiresAt: lifetime === null ? null : tx.now + lifetime,
      createdBy: principal.tokenId,
    });
    return {
      answer: { token, ...view },
      target: view.token_id,
      detail: { name: body.name, roles: body.roles, scopes },
    };
  };
}

function canonicalScope(text: string): string {
  const scope = parseScopeText(text);
  if (scope !== undefined) return scopeKey(scope);
  throw new CisError(
    "invalid_request",
    `scopes: "${text}" is not a scope such as global or project:abc`,
  );
}

function lifetimeMs(value: string | number): number {
  const ms = parseDuration(value);
  if (ms !== undefined && ms > 0 && ms <= MAX_LIFETIME_MS) return ms;
  throw new CisError(
    "invalid_request",
    `expires_in: "${value}" is not a time such as "30d" or seconds, of at most 3650d`,
  );
}
