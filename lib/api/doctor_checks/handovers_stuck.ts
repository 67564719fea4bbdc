/** Runs for other nodes that don't get there. */
import type { Node } from "../../node.ts";
import type { DoctorCheck } from "./check.ts";

/** A shared run is claimed within seconds; one that isn't after so long, in milliseconds, is stuck. */
const UNCLAIMED_MS = 60_000;

/** Looks for handovers with a reason not to get on. */
export function handoversStuck({ handovers, db }: Node): DoctorCheck {
  const shared = handovers.shared.stuck(db.now() - UNCLAIMED_MS).map(({ run_id, reason }) => ({
    run_id,
    reason: reason ?? handovers.shared.elsewhere(run_id)?.message ?? null,
  }));
  const stuck = [...handovers.open().filter(({ reason }) => reason !== null), ...shared];
  const name = "other nodes";
  if (stuck.length === 0) {
    return { name, status: "ok", detail: "no run waits for one", advice: null };
  }
  return {
    name,
    status: "warning",
    detail: stuck.map(({ run_id, reason }) => `${run_id}: ${reason}`).join("; "),
    advice:
      'start the other node, or correct "nodes" in the settings, or do what the reason says; ' +
      "or cancel the runs",
  };
}
