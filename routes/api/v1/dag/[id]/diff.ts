import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { define } from "../../../../../lib/api/state.ts";
import { versionParam } from "../../../../../lib/api/version_param.ts";
import { CisError } from "../../../../../lib/errors.ts";
import { diffSpecs } from "../../../../../lib/schema/spec_diff.ts";

/** `to`: the newest unless given; `from`: the one before it. */
export const handler = define.handlers({
  GET: endpoint("viewer", (call) => {
    const { ctx, node } = call;
    const to = requireDag(call, versionParam(ctx.url, "to"));
    const before = versionParam(ctx.url, "from") ?? to.version - 1;
    if (before < 1) {
      throw new CisError(
        "invalid_request",
        `"${to.dag_id}" has one version only; there is nothing to compare`,
      );
    }
    const from = requireDag(call, before);
    const diff = diffSpecs(node.specs.specOf(from), node.specs.specOf(to));
    return { dag_id: to.dag_id, from: from.version, to: to.version, ...diff };
  }),
});
