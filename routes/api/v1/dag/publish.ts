import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { parseDagBody } from "../../../../lib/api/parse_dag_body.ts";
import { publishDag } from "../../../../lib/api/publish_dag.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: changeEndpoint({
    role: "publisher",
    action: "dag.publish",
    prepare: (call) => publishDag(call, parseDagBody(call)),
  }),
});
