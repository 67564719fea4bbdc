/** Switches a DAG's schedule on or off: POST /dag/{id}/schedule. */
import type { Tx } from "../db/database.ts";
import { CisError } from "../errors.ts";
import { type ScheduleAnswer, ScheduleBody } from "../schema/schedule_view.ts";
import type { Done } from "./change_endpoint.ts";
import type { Call } from "./endpoint.ts";
import { requireDag, requireSeenVersion } from "./require_seen.ts";
import { scheduleAnswer } from "./schedule_views.ts";

/** @throws {CisError} `dag_not_found`, `no_schedule` */
export function switchSchedule(call: Call): (tx: Tx) => Done<ScheduleAnswer> {
  const { node, principal } = call;
  const { dag_id: dagId } = requireDag(call);
  const { enabled } = call.body(ScheduleBody);
  const inForce = node.specs.inForce(dagId);
  // An earlier version may be of another scope than the newest.
  if (inForce !== undefined) requireSeenVersion(call, inForce);
  return (tx) => {
    if (!node.schedules.setEnabled(tx, { dagId, enabled, by: principal.tokenId })) {
      throw new CisError(
        "no_schedule",
        `no confirmed version of "${dagId}" has a schedule; publish one with "schedule" and ` +
          "confirm it",
      );
    }
    return {
      answer: scheduleAnswer(node, dagId),
      action: enabled ? "schedule.enable" : "schedule.disable",
    };
  };
}
