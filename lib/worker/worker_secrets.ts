/** What the worker of a scope has of the node's secrets: what its policy grants, and nothing else. */
import { type Scope, scopeKey } from "../schema/scope.ts";
import type { SecretStore } from "../secrets/secret_store.ts";
import type { ScopePolicies } from "./scope_policies.ts";
import { grantsSecret } from "./secret_grant.ts";

/** What decides it. */
export interface WorkerSecretParts {
  readonly secrets: Pick<SecretStore, "valuesFor">;
  readonly policies: ScopePolicies;
  /** Told what can't be decrypted, and why. */
  readonly report: (line: string) => void;
}

/** The values that tasks of a scope may declare now, by name. */
export function workerSecrets(
  scope: Scope,
  { secrets, policies, report }: WorkerSecretParts,
): Record<string, string> {
  const policy = policies.of(scope);
  const { values, problems } = secrets.valuesFor(
    scopeKey(scope),
    (name) => grantsSecret(policy, name),
  );
  for (const problem of problems) report(problem);
  return values;
}
