import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { issuedTaskView, requireIssuedTask } from "../../../../../lib/api/issued_tasks.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => issuedTaskView(call.node, requireIssuedTask(call))),
});
