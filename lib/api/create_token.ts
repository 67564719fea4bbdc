/** POST /tokens: a new token, shown in this answer and nowhere else. */
import { CisError } from "../errors.ts";
import { TokenBody } from "../schema/api.ts";
import { parseDuration } from "../schema/duration.ts";
import { parseScopeText, scopeKey } from "../schema/scope.ts";
import type { Call } from "./endpoint.ts";

export async function createToken(call: Call): Promise<Response> {
  const { node, principal } = call;
  const body = call.body(TokenBody);
  const scopes = body.scopes?.map(canonicalScope) ?? null;
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
  if (ms !== undefined && ms > 0) return ms;
  throw new CisError(
    "invalid_request",
    `expires_in: "${value}" is not a time such as "30d" or seconds`,
  );
}
