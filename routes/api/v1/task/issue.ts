import { endpoint } from "../../../../lib/api/endpoint.ts";
import { issueTask } from "../../../../lib/api/issue_task.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("publisher", issueTask),
});
