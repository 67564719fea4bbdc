/** DELETE /secrets/{name}: tasks that start from now on don't get it any more. */
import type { SecretView } from "../schema/secret.ts";
import type { Call } from "./endpoint.ts";
import { secretScope } from "./secret_scope.ts";

/** @throws {CisError} `secret_not_found`, `invalid_request`, `scope_not_allowed` */
export async function removeSecret(call: Call): Promise<SecretView> {
  const { node, principal } = call;
  const name = call.param("name");
  const scope = secretScope(call, call.ctx.url.searchParams.get("scope") ?? undefined);
  return await node.db.write((tx) => {
    const view = node.secrets.remove(tx, { name, scope });
    node.audit.append(tx, {
      tokenId: principal.tokenId,
      action: "secret.remove",
      target: name,
      outcome: "done",
      detail: { scope },
    });
    tx.afterCommit(() => node.transport.sendSecrets());
    return view;
  });
}
