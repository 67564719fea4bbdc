/** New tokens: those whose secret is shown once, and those that stand for an account in rooms. */
import type { z } from "zod";
import { requireReach } from "../auth/principal.ts";
import type { NewToken } from "../auth/token_store.ts";
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { BindBody, type TokenAnswer, TokenBody, type TokenView } from "../schema/api.ts";
import { parseDuration } from "../schema/duration.ts";
import { parseScopeText, scopeKey } from "../schema/scope.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";

/** Ten years. Who wants longer leaves `expires_in` out. */
const MAX_LIFETIME_MS = 3650 * 24 * 60 * 60 * 1000;

/** POST /tokens. @throws {CisError} `invalid_request`, `scope_not_allowed` */
export function createToken(call: Call): (tx: Tx) => Done<TokenAnswer> {
  const { name, ...body } = call.body(TokenBody);
  const wish = wishOf(call, body);
  return (tx) => {
    const { token, view } = call.node.tokens.create(tx, { name, ...wish(tx) });
    const { roles, scopes } = view;
    return {
      answer: { token, ...view },
      target: view.token_id,
      detail: { name, roles, scopes },
    };
  };
}

/**
 * POST /tokens/bind: takes the place of the token that the account had.
 * @throws {CisError} `invalid_request`, `scope_not_allowed`
 */
export function bindToken(call: Call): (tx: Tx) => Done<TokenView> {
  const { node, principal } = call;
  const { user_id: userId, name = userId, ...body } = call.body(BindBody);
  const wish = wishOf(call, body);
  return (tx) => {
    const before = node.tokens.boundTo(userId);
    if (before !== undefined) requireReach(principal, before.scopes);
    const view = node.tokens.bind(tx, { userId, name, ...wish(tx) });
    const { roles, scopes } = view;
    return {
      answer: view,
      target: view.token_id,
      detail: { user_id: userId, name, roles, scopes },
    };
  };
}

/** What a token is to be, as far as the caller may make such. */
function wishOf(
  { principal }: Call,
  { roles, scopes: given, expires_in }: Omit<z.output<typeof TokenBody>, "name">,
): (tx: Tx) => Omit<NewToken, "name"> {
  const scopes = given?.map(canonicalScope) ?? null;
  requireReach(principal, scopes);
  const lifetime = expires_in === undefined ? null : lifetimeMs(expires_in);
  return (tx) => ({
    roles,
    scopes,
    expiresAt: lifetime === null ? null : tx.now + lifetime,
    createdBy: principal.tokenId,
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
