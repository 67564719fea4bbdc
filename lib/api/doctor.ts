/** GET /doctor: whether the node and its machine are as they should be, and what to do if not. */
import type { Node } from "../node.ts";
import type { DoctorAnswer } from "../schema/machine_view.ts";
import { VERSION } from "../version.ts";
import { limitsInForce } from "../worker/limits_in_force.ts";
import type { DoctorCheck as Check } from "./doctor_checks/check.ts";
import { handoversStuck } from "./doctor_checks/handovers_stuck.ts";
import { homeserver } from "./doctor_checks/homeserver.ts";
import { otherNodes } from "./doctor_checks/other_nodes.ts";
import { schedulesDue } from "./doctor_checks/schedules_due.ts";
import { storedState } from "./doctor_checks/stored_state.ts";

/** Looks at everything now. Reads the whole database once. */
export async function doctor(node: Node): Promise<DoctorAnswer> {
  return {
    node_id: node.config.node_id,
    version: VERSION,
    checks: [
      readiness(node),
      database(node),
      storedState(node.db),
      schedulesDue(node),
      handoversStuck(node),
      walls(node),
      workers(node),
      ...await homeserver(node),
      ...otherNodes(node),
    ],
    limits: limitsInForce(node.machine),
  };
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, advice: null };
}

function readiness(node: Node): Check {
  if (node.isReady) return ok("node", "it takes work");
  return {
    name: "node",
    status: "failed",
    detail: "it does not take work",
    advice: "it is starting or stopping; ask again in a moment",
  };
}

function database({ db }: Node): Check {
  const problems = db.all<{ integrity_check: string }>("PRAGMA integrity_check(10)")
    .map((row) => row.integrity_check).filter((text) => text !== "ok");
  const orphans = db.all("PRAGMA foreign_key_check").length;
  if (problems.length === 0 && orphans === 0) return ok("database", "every page and row is sound");
  return {
    name: "database",
    status: "failed",
    detail: [...problems, ...(orphans === 0 ? [] : [`${orphans} rows point at rows that are gone`])]
      .join("; "),
    advice: "stop the node, copy the data directory away, and go back to the last backup; " +
      "without one, `sqlite3 cis.db .recover` saves what can be read",
  };
}

function walls({ machine }: Node): Check {
  const { bubblewrap, reason } = machine.walls;
  if (bubblewrap !== null) return ok("walls", `shell tasks run behind ${bubblewrap}`);
  return {
    name: "walls",
    status: "warning",
    detail: `shell tasks are not walled in: ${reason}`,
    advice: "until then a command may do what this user may, except where a policy says " +
      '`"isolation": "required"`, which refuses shell tasks',
  };
}

function workers({ supervisor }: Node): Check {
  const failed = supervisor.list().filter(({ status }) => status === "failed");
  if (failed.length === 0) return ok("workers", "none has been given up");
  return {
    name: "workers",
    status: "failed",
    detail: failed.map(({ workerId, error }) => `${workerId}: ${error}`).join("; "),
    advice: "look at `deno task worker logs <id>`, then `deno task worker restart <id>`",
  };
}
