import { endpoint } from "../../../../lib/api/endpoint.ts";
import { executeRun } from "../../../../lib/api/execute_run.ts";
import { define } from "../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("node", executeRun),
});
