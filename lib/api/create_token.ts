/** POST /tokens: a new token, shown in this answer and nowhere else. */
import { requireReach } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import { TokenBody } from "../schema/api.ts";
import { parseDuration } from "../schema/duration.ts";
import { parseScopeText, scopeKey } from "../schema/scope.ts";
import type { Call } from "./endpoint.ts";

/** Ten years. Who wants longer leaves `expires_in` out. */
const MAX_LIFETIME_MS = 3650 * 24 * 60 * 60 * 1000;

export async function createToken(call: Call): Promise<Response> {
  const { node, principal } = call;
  const body = call.body(TokenBody);
  const scopes = body.scopes?.map(canonicalScope) ?? null;
  requireReach(principal, scopes);
  const lifetime = body.expires_in === undefined ? null : lifetimeMs(body.expires_in);
  const { token, view } = await node.db.write((tx) => {
    const created = node.tokens.create(tx, {
      name: body.name,
      roles: body.roles,
      scopes,
      expiresAt: lifetime === null ? null : tx.now + lifetime,
      createdBy: principal.tokenId,
    });
    node.audit.append(tx, {
      tokenId: principal.tokenId,
      action: "token.create",
      target: created.view.token_id,
      outcome: "done",
      detail: { name: body.name, roles: body.roles, scopes },
    });
    return created;
  });
  return Response.json({ token, ...view }, {
    status: 201,
    headers: { "cache-control": "no-store" },
  });
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
