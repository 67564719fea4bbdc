/** What stands between a task whose turn has come and its start: levels, and `approval` tasks. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import type { Level } from "../schema/level.ts";
import type { Verdict } from "./run_state.ts";

/** The levels that need a decision. */
export type Gate = Exclude<Level, { readonly type: "mechanical" }>;

/** What a verdict does to the task. `abort` ends the whole run. */
export type GateOutcome = "go" | "skip" | "fail" | "abort";

/** The decision that a task needs before it may start; undefined when it needs none. */
export function gateOf({ type, level }: TaskSpec): Gate | undefined {
  if (level.type !== "mechanical") return level;
  return type === "approval" ? { type: "confirmed" } : undefined;
}

/** Why a task can never start on this node, or undefined when it can. */
export function neverStarts(task: TaskSpec): string | undefined {
  if (task.type !== "skill") return undefined;
  return `no skill "${task.skill}" is installed on this node`;
}

/**
 * What a verdict does. Whoever says yes has the task run and whoever says no has it not run,
 * whatever the default. Only the default of a countdown that people could follow to its end starts
 * anything without a yes.
 */
export function outcomeOf(gate: Gate, verdict: Verdict): GateOutcome {
  if (verdict === "approved") return "go";
  if (gate.type !== "recommended") return "fail";
  switch (gate.default_action) {
    case "execute":
      return verdict === "expired" ? "go" : "fail";
    case "skip":
      return "skip";
    case "abort":
      return "abort";
  }
}
