import { baseUrl } from "../../../lib/api/dag_views.ts";
import { openApiDocument } from "../../../lib/api/openapi.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: (ctx) => Response.json(openApiDocument(baseUrl(ctx.state.node))),
});
