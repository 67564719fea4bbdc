/** Publishes a parsed DAG for whoever asks: POST /dag/publish and POST /task/issue. */
import type { ParsedSpec } from "../scheduler/parsed_spec.ts";
import { publish } from "../scheduler/publish.ts";
import type { PublishAnswer } from "../schema/api.ts";
import { publishAnswer } from "./dag_views.ts";
import type { Call } from "./endpoint.ts";
import { requireSeenVersion } from "./require_seen.ts";

/**
 * Stores a version that waits for its confirmation.
 * @throws {CisError} `version_conflict`, `scope_not_allowed`
 */
export async function publishDag(call: Call, parsed: ParsedSpec): Promise<PublishAnswer> {
  const { node, principal } = call;
  const row = await node.db.write((tx) => {
    const published = publish(tx, node, {
      parsed,
      publishedBy: principal.tokenId,
      expireMs: node.config.confirm_expire_sec * 1000,
      policy: node.policies.ceiling(parsed.spec.scope),
      requireMayReplace: (newest) => requireSeenVersion(call, newest),
    });
    node.audit.append(tx, {
      tokenId: principal.tokenId,
      action: "dag.publish",
      target: published.dag_id,
      outcome: "done",
      detail: { version: published.version, spec_hash: published.spec_hash },
    });
    return published;
  });
  node.expirer.setAlarm();
  return publishAnswer(node, row);
}
