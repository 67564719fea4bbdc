/** Publishes a parsed DAG for whoever asks: POST /dag/publish, POST /task/issue, and rooms. */
import type { Tx } from "../db/database.ts";
import type { ParsedSpec } from "../scheduler/parsed_spec.ts";
import { publish } from "../scheduler/publish.ts";
import type { PublishAnswer } from "../schema/api.ts";
import type { Done } from "./change_endpoint.ts";
import { publishAnswer } from "./dag_views.ts";
import type { Call } from "./endpoint.ts";
import { requireSeenVersion } from "./require_seen.ts";

/**
 * Stores a version that waits for its confirmation.
 * @throws {CisError} in the transaction: `version_conflict`, `scope_not_allowed`
 */
export function publishDag(
  call: Pick<Call, "node" | "principal">,
  parsed: ParsedSpec,
): (tx: Tx) => Done<PublishAnswer> {
  const { node, principal } = call;
  return (tx) => {
    const published = publish(tx, node, {
      parsed,
      publishedBy: principal.tokenId,
      expireMs: node.config.confirm_expire_sec * 1000,
      policy: node.policies.ceiling(parsed.spec.scope),
      requireMayReplace: (newest) => requireSeenVersion(call, newest),
    });
    tx.afterCommit(() => node.expirer.setAlarm());
    return {
      answer: publishAnswer(node, published),
      target: published.dag_id,
      detail: { version: published.version, spec_hash: published.spec_hash },
    };
  };
}
