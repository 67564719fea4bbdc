import { runActivity } from "../../../lib/api/activity.ts";
import { endpoint } from "../../../lib/api/endpoint.ts";
import { define } from "../../../lib/api/state.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", runActivity),
});
