import { endpoint } from "../../../lib/api/endpoint.ts";
import { issuedTaskView } from "../../../lib/api/issued_tasks.ts";
import { decodeCursor, encodeCursor, pageLimit } from "../../../lib/api/paging.ts";
import { define } from "../../../lib/api/state.ts";
import { maySee } from "../../../lib/auth/principal.ts";
import { scopeKey } from "../../../lib/schema/scope.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", ({ ctx, node, principal }) => {
    const limit = pageLimit(ctx.url);
    const [after] = decodeCursor(ctx.url, ["string"]) ?? [""];
    const rows = node.specs.newestOfEach(after, limit + 1, { issued: true });
    const shown = rows.slice(0, limit);
    const tasks = shown
      .filter((row) => maySee(principal, scopeKey(node.specs.specOf(row).scope)))
      .map((row) => issuedTaskView(node, row));
    const next_cursor = rows.length > limit ? encodeCursor([shown.at(-1)?.dag_id ?? ""]) : null;
    return { count: tasks.length, next_cursor, tasks };
  }),
});
