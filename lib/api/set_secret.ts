/** PUT /secrets/{name}: sets a secret; workers that are up have it before the next task. */
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { SecretBody, SecretName, type SecretView } from "../schema/secret.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { secretScope } from "./secret_scope.ts";

/** @throws {CisError} `invalid_request`, `scope_not_allowed`, `secrets_unreadable`, `invalid_state` */
export function setSecret(call: Call): (tx: Tx) => Done<SecretView> {
  const { node, principal } = call;
  const name = SecretName.safeParse(call.param("name"));
  if (!name.success) {
    throw new CisError("invalid_request", name.error.issues[0]?.message ?? "the name is not valid");
  }
  const body = call.body(SecretBody);
  const scope = secretScope(call, body.scope);
  return (tx) => {
    const view = node.secrets.set(tx, { name: name.data, scope }, {
      value: body.value,
      by: principal.tokenId,
    });
    tx.afterCommit(() => node.transport.sendSecrets());
    return { answer: view, detail: { scope } };
  };
}
