/** Whether schedules are dealt with in time. */
import type { Node } from "../../node.ts";
import { MISSED_AFTER_MS } from "../../scheduler/schedules.ts";
import type { DoctorCheck } from "./check.ts";

/** Looks for times that are over and not settled. */
export function schedulesDue({ db, scheduleStore }: Node): DoctorCheck {
  const late = scheduleStore.due(db.now() - MISSED_AFTER_MS);
  const name = "schedules";
  if (late.length === 0) {
    return { name, status: "ok", detail: "no time is overdue", advice: null };
  }
  return {
    name,
    status: "failed",
    detail: `overdue: ${late.map(({ dag_id }) => dag_id).join(", ")}`,
    advice: "look at what the node printed about them; the disk may be full",
  };
}
