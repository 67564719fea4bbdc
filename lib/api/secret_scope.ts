/** For which scope a secret is to be set or removed, and whether the caller may. */
import { requireScope } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import { parseScopeText, scopeKey } from "../schema/scope.ts";
import type { Call } from "./endpoint.ts";

/**
 * @param text scope such as "project:abc"; absent: every scope, for tokens of every scope only
 * @returns the scope's key, or null for every scope
 * @throws {CisError} `invalid_request`, `scope_not_allowed`
 */
export function secretScope({ principal }: Call, text: string | undefined): string | null {
  if (text === undefined) {
    if (principal.scopes !== null) {
      throw new CisError(
        "scope_not_allowed",
        `the token "${principal.name}" is for ${
          principal.scopes.join(", ")
        }, and a secret without ` +
          "a scope is for every one: give a scope",
      );
    }
    return null;
  }
  const scope = parseScopeText(text);
  if (scope === undefined) {
    throw new CisError(
      "invalid_request",
      `scope: "${text}" is not a scope such as global or project:abc`,
    );
  }
  requireScope(principal, scopeKey(scope));
  return scopeKey(scope);
}
