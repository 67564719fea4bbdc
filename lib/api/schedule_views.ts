/** Schedules as the API shows them. */
import type { Node } from "../node.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { ScheduleAnswer, ScheduleView } from "../schema/schedule_view.ts";
import { nextTimes } from "../schema/schedule_times.ts";

/** How many of the next times are shown. */
const NEXT_RUNS = 3;
/** How many of the times gone by are shown. */
const LAST_TIMES = 20;

/** The schedule of a version of a DAG, null where it has none. */
export function scheduleView(node: Node, spec: DagSpec, version?: number): ScheduleView | null {
  const { schedule } = spec;
  if (schedule === undefined) return null;
  const row = node.scheduleStore.load(spec.dag_id);
  const in_force = row !== undefined && row.version === version;
  const enabled = row?.enabled !== 0;
  return {
    cron: schedule.cron,
    timezone: schedule.timezone,
    overlap: schedule.overlap,
    catch_up: schedule.catch_up ?? "none",
    in_force,
    enabled,
    next_runs: enabled
      ? nextTimes(schedule, node.db.now(), NEXT_RUNS).map((at) => new Date(at).toISOString())
      : [],
  };
}

/** The schedule in force of a DAG and what became of its last times. */
export function scheduleAnswer(node: Node, dagId: string): ScheduleAnswer {
  const row = node.scheduleStore.load(dagId);
  const version = row && node.specs.load(dagId, row.version);
  return {
    dag_id: dagId,
    version: version?.version ?? null,
    schedule: version === undefined
      ? null
      : scheduleView(node, node.specs.specOf(version), version.version),
    times: node.scheduleStore.history(dagId, LAST_TIMES).map((time) => ({
      scheduled_at: new Date(time.scheduled_at).toISOString(),
      version: time.version,
      outcome: time.outcome,
      run_id: time.run_id,
      reason: time.reason,
    })),
  };
}
