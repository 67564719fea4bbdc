/** Whether a policy lets tasks have a secret. Pure. */
import type { Policy } from "../schema/policy.ts";

/** @param name of the secret */
export function grantsSecret({ secrets }: Pick<Policy, "secrets">, name: string): boolean {
  return secrets === true || (secrets !== false && secrets.includes(name));
}
