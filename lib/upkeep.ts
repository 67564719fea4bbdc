/**
 * What happens on a node by itself, put together: schedules, questions that nobody answers in time,
 * and forgetting what is past its time.
 */
import type { Config } from "./config.ts";
import type { Database } from "./db/database.ts";
import type { Alarms } from "./scheduler/alarms.ts";
import type { NodeBounds } from "./scheduler/capacity.ts";
import type { BeginRun } from "./scheduler/confirm.ts";
import { DecisionExpirer } from "./scheduler/decision_expirer.ts";
import type { DecisionStore } from "./scheduler/decision_store.ts";
import type { EventLog } from "./scheduler/event_log.ts";
import { Expirer } from "./scheduler/expirer.ts";
import type { LocalExecutor } from "./scheduler/local_executor.ts";
import { LogPruner } from "./scheduler/log_pruner.ts";
import type { LogStore } from "./scheduler/log_store.ts";
import { Pruner } from "./scheduler/pruner.ts";
import { ScheduleStore } from "./scheduler/schedule_store.ts";
import { Schedules } from "./scheduler/schedules.ts";
import type { SpecStore } from "./scheduler/spec_store.ts";

/** What it takes. */
export interface UpkeepParts {
  readonly db: Database;
  readonly specs: SpecStore;
  readonly events: EventLog;
  readonly logs: LogStore;
  readonly decisions: DecisionStore;
  readonly executor: LocalExecutor;
  readonly alarms: Alarms;
  readonly beginRun: BeginRun;
  readonly report: (line: string) => void;
}

/** The services; nothing happens before their `start`. */
export interface Upkeep {
  readonly scheduleStore: ScheduleStore;
  readonly schedules: Schedules;
  readonly expirer: Expirer;
  readonly decisionExpirer: DecisionExpirer;
  readonly pruner: Pruner;
  readonly logPruner: LogPruner;
}

/** Puts the services together. */
export function createUpkeep(config: Config, parts: UpkeepParts): Upkeep {
  const scheduleStore = new ScheduleStore(parts.db);
  const retention = {
    days: config.retention_days ?? null,
    runsPerDag: config.keep_runs_per_dag ?? null,
  };
  return {
    scheduleStore,
    schedules: new Schedules({ ...parts, schedules: scheduleStore }),
    expirer: new Expirer(parts),
    decisionExpirer: new DecisionExpirer(parts),
    pruner: new Pruner({ ...parts, retention }),
    logPruner: new LogPruner({
      ...parts,
      retentionDays: config.log_retention_days,
      maxBytes: config.log_max_bytes,
    }),
  };
}

/** The bounds that the settings give the whole node. */
export function boundsOf(config: Config): NodeBounds {
  return {
    maxRunningTasks: config.max_running_tasks ?? null,
    maxRunningRuns: config.max_running_runs ?? null,
    groups: config.task_groups,
    priorityAgeMs: config.priority_age_ms,
  };
}
