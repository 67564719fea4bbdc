import { publishAnswer } from "../../../../lib/api/dag_views.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { parseDagBody } from "../../../../lib/api/parse_dag_body.ts";
import { define } from "../../../../lib/api/state.ts";
import { publish } from "../../../../lib/scheduler/publish.ts";

export const handler = define.handlers({
  POST: endpoint("publisher", async (call) => {
    const { node, principal } = call;
    const parsed = parseDagBody(call);
    const row = await node.db.write((tx) => {
      const published = publish(tx, node, {
        parsed,
        publishedBy: principal.tokenId,
        expireMs: node.config.confirm_expire_sec * 1000,
        policy: node.policies.ceiling(parsed.spec.scope),
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
  }),
});
