import { endpoint } from "../../../lib/api/endpoint.ts";
import { searchLogs } from "../../../lib/api/log_search_answer.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", searchLogs),
});
