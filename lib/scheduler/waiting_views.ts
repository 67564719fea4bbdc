/** What the open tasks of a run wait for, beside the run as the API shows it. */
import type { RunView, TaskView } from "../schema/api.ts";
import { isFinalRun, isFinalTask } from "../schema/states.ts";
import type { Queue, Waiting } from "../schema/waiting.ts";
import type { ActiveRun } from "./active_run.ts";
import type { Engine } from "./engine.ts";
import type { LocalExecutor } from "./local_executor.ts";

/** Who knows what a run waits for. */
export interface WaitingParts {
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  /** Knows why a worker isn't there; null: it is, or nobody wants it. */
  readonly supervisor: { waitingFor(workerId: string): string | null };
  /** What keeps a run that is for another node; undefined: it is this node's. */
  readonly elsewhere: (runId: string) => Waiting | undefined;
}

/** The run with what it and each of its open tasks wait for. */
export function withWaiting(view: RunView, parts: WaitingParts): RunView {
  const run = isFinalRun(view.status) ? undefined : parts.engine.get(view.run_id);
  if (run === undefined) return view;
  const elsewhere = parts.elsewhere(view.run_id);
  const waiting = elsewhere ?? whyHeld(run, parts);
  const common = waiting ?? whyPaused(run);
  const room = elsewhere === undefined ? parts.executor.slotsOf(run.workerId) : undefined;
  const away = elsewhere !== undefined;
  const why = taskReason({ view, run, common, room, away }, parts.executor);
  const tasks = view.tasks.map((task) => ({ ...task, waiting: why(task) }));
  return { ...view, waiting: waiting ?? null, queue: depth(view.tasks), tasks };
}

function whyPaused({ machine }: ActiveRun): Waiting | undefined {
  if (machine.status !== "paused") return undefined;
  const message = machine.held
    ? "the run is paused; resume it to go on"
    : "the run is paused while stakeholders vote";
  return { code: "paused", message };
}

function whyHeld(run: ActiveRun, { executor, supervisor }: WaitingParts): Waiting | undefined {
  if (run.machine.status === "queued") return executor.heldBy(run);
  if (run.machine.status !== "running") return undefined;
  const message = supervisor.waitingFor(run.workerId);
  return message === null ? undefined : { code: "waits_for_worker", message };
}

function depth(tasks: readonly TaskView[]): Queue {
  const open = tasks.filter(({ status }) => !isFinalTask(status));
  const count = (state: string): number => open.filter(({ status }) => status === state).length;
  const [ready, running] = [count("ready"), count("running")];
  return { pending: open.length - ready - running, ready, running };
}

interface Asked {
  readonly view: RunView;
  readonly run: ActiveRun;
  /** What keeps every task. */
  readonly common: Waiting | undefined;
  readonly room: { readonly total: number | null; readonly taken: number } | undefined;
  /** Whether another node has it, and is to be told there. */
  readonly away: boolean;
}

function taskReason(
  { view, run, common, room, away }: Asked,
  executor: LocalExecutor,
): (task: TaskView) => Waiting | null {
  const open = new Set(
    view.tasks.filter(({ status }) => !isFinalTask(status)).map(({ task_id }) => task_id),
  );
  const obstacles = executor.obstaclesOf(run);
  return (task) => {
    switch (task.status) {
      case "pending":
        return dependencies(task, open) ?? common ?? null;
      case "awaiting_decision":
        return {
          code: "decision",
          message: `it waits for a decision${away ? ` at ${view.node_id}` : ""}`,
        };
      case "retry_wait":
        return { code: "retry", message: `it is tried again at ${task.retry_at ?? "any moment"}` };
      case "ready":
        return common ?? obstacles(run.indexOf.get(task.task_id) ?? 0) ??
          workerReason(run.workerId, room);
      default:
        return null;
    }
  };
}

function dependencies(task: TaskView, open: ReadonlySet<string>): Waiting | undefined {
  const missing = task.depends_on.filter((id) => open.has(id));
  if (missing.length === 0) return undefined;
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  return { code: "dependencies", message: `it waits for ${missing.slice(0, 3).join(", ")}${more}` };
}

function workerReason(workerId: string, room: Asked["room"]): Waiting | null {
  if (room === undefined) return null;
  if (room.total === null) {
    return { code: "worker_starting", message: `its worker ${workerId} is not up yet` };
  }
  const message = `${room.taken} of the ${room.total} slots of ${workerId} are taken`;
  return { code: "worker_slot", message };
}
