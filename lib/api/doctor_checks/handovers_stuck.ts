/** Runs for other nodes that don't get there. */
import type { Node } from "../../node.ts";
import type { DoctorCheck } from "./check.ts";

/** Looks for handovers with a reason not to get on. */
export function handoversStuck({ handovers }: Node): DoctorCheck {
  const stuck = handovers.open().filter(({ reason }) => reason !== null);
  const name = "other nodes";
  if (stuck.length === 0) {
    return { name, status: "ok", detail: "no run waits for one", advice: null };
  }
  return {
    name,
    status: "warning",
    detail: stuck.map(({ run_id, reason }) => `${run_id}: ${reason}`).join("; "),
    advice: 'start the other node, or correct "nodes" in the settings; or cancel the runs',
  };
}
