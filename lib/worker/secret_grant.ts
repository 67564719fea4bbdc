/** Whether a policy lets tasks have a secret. Pure. */
import type { Policy } from "../schema/policy.ts";
import { grantCovers } from "./covers.ts";

/**
 * A secret reaches a task as a variable, so what the policy takes away of those it takes away here.
 * @param name of the secret
 */
export function grantsSecret(
  { secrets, deny }: Pick<Policy, "secrets" | "deny">,
  name: string,
): boolean {
  if (isTakenAway({ deny }, name)) return false;
  return secrets === true || (secrets !== false && secrets.includes(name));
}

/** Whether a policy takes the variable of a secret away, whatever it grants. */
export function isTakenAway({ deny }: Pick<Policy, "deny">, name: string): boolean {
  return grantCovers("env", deny.env, name);
}
