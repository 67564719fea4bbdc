import { changeEndpoint } from "../../../../lib/api/change_endpoint.ts";
import { executeRun } from "../../../../lib/api/execute_run.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: changeEndpoint({ role: "node", action: "dag.execute", prepare: executeRun }),
});
