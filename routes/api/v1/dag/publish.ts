import { endpoint } from "../../../../lib/api/endpoint.ts";
import { parseDagBody } from "../../../../lib/api/parse_dag_body.ts";
import { publishDag } from "../../../../lib/api/publish_dag.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("publisher", (call) => publishDag(call, parseDagBody(call))),
});
