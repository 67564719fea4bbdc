import { validateAnswer } from "../../../../lib/api/dag_views.ts";
import { endpoint } from "../../../../lib/api/endpoint.ts";
import { parseDagBody } from "../../../../lib/api/parse_dag_body.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("publisher", (call) => validateAnswer(call.node, parseDagBody(call))),
});
