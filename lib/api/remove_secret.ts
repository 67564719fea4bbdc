/** DELETE /secrets/{name}: tasks that start from now on don't get it any more. */
import type { Tx } from "../db/database.ts";
import type { SecretView } from "../schema/secret.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { secretScope } from "./secret_scope.ts";

/** @throws {CisError} `secret_not_found`, `invalid_request`, `scope_not_allowed` */
export function removeSecret(call: Call): (tx: Tx) => Done<SecretView> {
  const { node } = call;
  const name = call.param("name");
  const scope = secretScope(call, call.ctx.url.searchParams.get("scope") ?? undefined);
  return (tx) => {
    const view = node.secrets.remove(tx, { name, scope });
    tx.afterCommit(() => node.transport.sendSecrets());
    return { answer: view, detail: { scope } };
  };
}
