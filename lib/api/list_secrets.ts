/** GET /secrets: which there are, without their values. */
import { maySee } from "../auth/principal.ts";
import type { SecretList } from "../schema/secret.ts";
import type { Call } from "./endpoint.ts";

/** A token for some scopes sees what is for these alone. */
export function listSecrets({ node, principal }: Call): SecretList {
  const secrets = node.secrets.list().filter(({ scope }) =>
    scope === null ? principal.scopes === null : maySee(principal, scope)
  );
  return { count: secrets.length, next_cursor: null, secrets };
}
