import { changeEndpoint } from "../../../../../lib/api/change_endpoint.ts";
import { endpoint } from "../../../../../lib/api/endpoint.ts";
import { requireDag } from "../../../../../lib/api/require_seen.ts";
import { scheduleAnswer } from "../../../../../lib/api/schedule_views.ts";
import { define } from "../../../../../lib/api/state.ts";
import { switchSchedule } from "../../../../../lib/api/switch_schedule.ts";

export const handler = define.handlers({
  GET: endpoint("viewer", (call) => scheduleAnswer(call.node, requireDag(call).dag_id)),
  POST: changeEndpoint({
    role: "approver",
    action: "schedule.switch",
    target: ({ param }) => param("id"),
    prepare: switchSchedule,
  }),
});
