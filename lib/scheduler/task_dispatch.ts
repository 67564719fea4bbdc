/** What a worker is told of a task that it is to carry out, and what the policy gives to it. */
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import { durationMs } from "../schema/duration.ts";
import type { AttemptRef, TaskDispatch, TaskWork } from "../schema/room_events.ts";
import type { ActiveRun } from "./active_run.ts";
import type { Engine } from "./engine.ts";
import { rollbackTask } from "../schema/rollback_task.ts";
import { isRollingBack, type RunMachine, specAt } from "./run_machine.ts";
import type { RunStore } from "./run_store.ts";
import type { TaskGrant, TaskGrants } from "./task_grants.ts";

/** What the policy gives to a task of a run; a refusal begins with its code. */
export function grantOf(
  run: ActiveRun,
  index: number,
  { engine, grants, runs }: {
    readonly engine: Engine;
    readonly grants: TaskGrants;
    readonly runs: RunStore;
  },
): TaskGrant | { readonly refusal: string } {
  const { spec } = run.machine;
  const task = taskToDo(run.machine, index);
  if (!specAt(run.machine, index).idempotent && runs.wasElsewhere(run.runId)) {
    return {
      refusal: "claim_lost: a node that had the run before may have begun this task; it is not " +
        "idempotent, so it was not run again",
    };
  }
  const grant = grants.forTask(spec, task, engine.publishedPolicy(run));
  return "refusal" in grant ? { refusal: `not_permitted: ${grant.refusal}` } : grant;
}

/** The task of an attempt as its worker is told it. */
export function dispatchOf(
  run: ActiveRun,
  { index, ref, grant }: { index: number; ref: AttemptRef; grant: TaskGrant },
  runs: RunStore,
): TaskDispatch {
  const { spec } = run.machine;
  const task = taskToDo(run.machine, index);
  const { maxTimeoutMs, ...given } = grant;
  return {
    ...ref,
    ...given,
    dag_id: spec.dag_id,
    work: workOf(task),
    env: { ...spec.env, ...task.env },
    inputs: inputsOf(run, inputsFrom(run.machine, index), runs),
    timeout_ms: shorter(
      task.timeout === undefined ? null : durationMs(task.timeout),
      maxTimeoutMs,
    ),
  };
}

function inputsOf(
  run: ActiveRun,
  dependencies: readonly string[],
  runs: RunStore,
): TaskDispatch["inputs"] {
  const indexes = dependencies.map((id) => run.indexOf.get(id) ?? -1)
    .filter((index) => run.machine.tasks[index]?.hasOutputs === true);
  if (indexes.length === 0) return {};
  const inputs: TaskDispatch["inputs"] = {};
  for (const [index, text] of runs.outputsOf(run.runId, indexes)) {
    inputs[run.machine.spec.tasks[index]?.id ?? ""] = JSON.parse(text);
  }
  return inputs;
}

/** What an attempt at a task carries out now: the task, or its rollback. */
function taskToDo(machine: RunMachine, index: number): TaskSpec {
  const task = specAt(machine, index);
  return isRollingBack(machine) ? rollbackTask(task) : task;
}

/** The tasks whose outputs an attempt gets. A rollback gets those of what it rolls back as well. */
function inputsFrom(machine: RunMachine, index: number): readonly string[] {
  const { id, depends_on } = specAt(machine, index);
  return isRollingBack(machine) ? [...depends_on, id] : depends_on;
}

/** The shorter of two times in milliseconds, where null is no limit. */
function shorter(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** The part of a task that the worker carries out. */
function workOf(task: DagSpec["tasks"][number]): TaskWork {
  switch (task.type) {
    case "shell":
      return { type: "shell", command: task.command, cwd: task.cwd };
    case "deno":
      return {
        type: "deno",
        module: task.module,
        script: task.script,
        args: task.args as Extract<TaskWork, { type: "deno" }>["args"],
        cwd: task.cwd,
      };
    case "http":
      return {
        type: "http",
        request: {
          ...task.request,
          body: task.request.body as Extract<TaskWork, { type: "http" }>["request"]["body"],
        },
      };
    case "noop":
      return { type: "noop" };
    default:
      throw new Error(`a ${task.type} task is not carried out by a worker`);
  }
}
