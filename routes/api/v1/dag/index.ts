import { endpoint } from "../../../../lib/api/endpoint.ts";
import { decodeCursor, encodeCursor, pageLimit } from "../../../../lib/api/paging.ts";
import { define } from "../../../../lib/api/state.ts";
import { maySee } from "../../../../lib/auth/principal.ts";
import { isoTime } from "../../../../lib/scheduler/iso_time.ts";
import { versionView } from "../../../../lib/scheduler/spec_store.ts";
import { scopeKey } from "../../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ ctx, node, principal }) => {
    const limit = pageLimit(ctx.url);
    const [after] = decodeCursor(ctx.url, ["string"]) ?? [""];
    const rows = node.specs.newestOfEach(after, limit + 1);
    const shown = rows.slice(0, limit);
    const dags = shown.map((row) => {
      const run = node.runs.newestOf(row.dag_id);
      const last_run = run === undefined
        ? null
        : { run_id: run.run_id, status: run.status, created_at: isoTime(run.created_at) };
      return { ...versionView(row, node.specs.specOf(row)), last_run };
    }).filter((dag) => maySee(principal, scopeKey(dag.scope)));
    const next_cursor = rows.length > limit ? encodeCursor([shown.at(-1)?.dag_id ?? ""]) : null;
    return { count: dags.length, next_cursor, dags };
  }),
});
