import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { issueTask } from "../../../../lib/api/issue_task.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: changeEndpoint({ role: "publisher", action: "dag.publish", prepare: issueTask }),
});
