/** Who asks: a token, or a browser session that a token opened. Pure. */
import { CisError } from "../errors.ts";
import { hasRole, type Role } from "../schema/roles.ts";

export interface Principal {
  readonly tokenId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Scope keys that the token is for; null: all. */
  readonly scopes: readonly string[] | null;
}

/**
 * Throws unless the principal has a role for what is asked.
 * @throws {CisError} `forbidden`, naming the role that is missing
 */
export function requireRole(principal: Principal, role: Role): void {
  if (hasRole(principal.roles, role)) return;
  throw new CisError(
    "forbidden",
    `the token "${principal.name}" has ${rolesText(principal.roles)}; this needs the role ` +
      `"${role}": ask an admin for a token that has it`,
  );
}

/**
 * Throws unless the principal may touch a scope.
 * @param scopeKey as `scopeKey()` makes it, e.g. "project:abc"
 * @throws {CisError} `scope_not_allowed`
 */
export function requireScope(principal: Principal, scopeKey: string): void {
  if (maySee(principal, scopeKey)) return;
  throw new CisError(
    "scope_not_allowed",
    `the token "${principal.name}" is for ${(principal.scopes ?? []).join(", ") || "no scope"}, ` +
      `not for ${scopeKey}`,
  );
}

/**
 * Throws unless everything that a token of these scopes can reach is within the principal's own
 * reach: nobody gives, sees or takes away more than they have.
 * @param scopes scope keys; null: all
 * @throws {CisError} `scope_not_allowed`
 */
export function requireReach(principal: Principal, scopes: readonly string[] | null): void {
  if (mayReach(principal, scopes)) return;
  for (const scope of scopes ?? []) requireScope(principal, scope);
  throw new CisError(
    "scope_not_allowed",
    `the token "${principal.name}" is for ${
      principal.scopes?.join(", ")
    } only; what concerns every ` +
      "scope needs a token without that limit",
  );
}

/** Whether the principal has all of these scopes. */
export function mayReach(principal: Principal, scopes: readonly string[] | null): boolean {
  if (principal.scopes === null) return true;
  return scopes !== null && scopes.every((scope) => maySee(principal, scope));
}

/** Whether something of this scope is the principal's to see. */
export function maySee(principal: Principal, scopeKey: string): boolean {
  return principal.scopes === null || principal.scopes.includes(scopeKey);
}

function rolesText(roles: readonly Role[]): string {
  return roles.length === 1 ? `the role ${roles[0]}` : `the roles ${roles.join(", ")}`;
}
