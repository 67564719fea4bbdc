import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { cancelReceived } from "../../../../../lib/api/execute_run.ts";
import { define } from "../../../../../lib/api/state.ts";

export const handler = define.handlers({
  POST: endpoint("node", cancelReceived),
});
