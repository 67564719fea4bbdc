/** Which rules hold for a scope. Pure. */
import type { Policy, PolicyFile } from "../schema/policy.ts";
import { type Scope, scopeKey } from "../schema/scope.ts";
import { BUILTIN_POLICY } from "./builtin_policy.ts";

/**
 * The policy of a scope: for each rule what `scopes` says of it, else `scope_types`, else `defaults`,
 * else the built-in one. A rule replaces the one before as a whole; lists aren't joined.
 */
export function resolvePolicy(file: PolicyFile, scope: Scope): Policy {
  return {
    ...BUILTIN_POLICY,
    ...file.defaults,
    ...file.scope_types?.[scope.type],
    ...file.scopes?.[scopeKey(scope)],
  };
}

/** Where a rule for a scope would be written, as a problem names it. */
export function placeOfRule(scope: Scope, rule: string): string {
  return `policy.scopes["${scopeKey(scope)}"].${rule} in cis.config.json`;
}
