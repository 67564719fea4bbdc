/** How a run stands, in a few words: without a view of each of its tasks, of which there may be thousands. */
import type { RunSummary } from "../schema/api.ts";
import type { TaskState } from "../schema/states.ts";
import type { Waiting } from "../schema/waiting.ts";
import type { RunRow, RunStore } from "./run_store.ts";
import { runSummary } from "./run_views.ts";
import type { SpecStore } from "./spec_store.ts";
import { type WaitingParts, withWaiting } from "./waiting_views.ts";

/** As many tasks of a kind are named. */
export const NAMED = 5;

/** A run, and which of its tasks somebody wants to hear of. */
export interface RunBrief extends RunSummary {
  readonly waiting: Waiting | null;
  /** What is going on just now: one more than {@linkcode NAMED} where there are more. */
  readonly active: readonly { readonly task_id: string; readonly status: TaskState }[];
  /** The first {@linkcode NAMED} that have failed. */
  readonly failed: readonly { readonly task_id: string; readonly error: string | null }[];
  readonly failed_tasks: number;
}

/** Makes it from what is stored. */
export function runBrief(
  row: RunRow,
  parts: WaitingParts & { readonly specs: SpecStore; readonly runs: RunStore },
): RunBrief {
  const { specs, runs } = parts;
  const summary = runSummary(row, specs.specOf(row));
  const queue = { pending: 0, ready: 0, running: 0 };
  const bare = { ...summary, waiting: null, queue, tasks: [], decisions: [], debts: [] };
  return {
    ...summary,
    waiting: withWaiting(bare, parts).waiting,
    active: runs.tasksIn(row.run_id, ["running", "awaiting_decision"], NAMED + 1),
    failed: runs.tasksIn(row.run_id, ["failed"], NAMED),
    failed_tasks: runs.countIn(row.run_id, "failed"),
  };
}
