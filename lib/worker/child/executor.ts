/**
 * Carries out what the node dispatches: all of it at once, since the node counts the slots. Holds an
 * attempt from its dispatch until the node has confirmed its result.
 */
import type {
  AttemptRef,
  CancelContent,
  DispatchContent,
  TaskDispatch,
  TaskResult,
} from "../../schema/room_events.ts";
import {
  type Attempt,
  failure,
  type Outcome,
  type StopReason,
  type Surroundings,
  TaskError,
} from "./attempt.ts";
import { note } from "./diagnostics.ts";
import { durationWords } from "./duration_words.ts";
import { type LogBlock, LogLines } from "./log_lines.ts";
import type { Mask } from "./mask.ts";
import { maskOutputs } from "./mask_outputs.ts";

/** What the executor works with. */
export interface ExecutorParts {
  readonly surroundings: Surroundings;
  readonly onOutput: (attempt: AttemptRef, block: LogBlock) => void;
  /** `onSent` is to be called when the node has the result. */
  readonly onResult: (result: TaskResult, onSent: () => void) => void;
}

/** An attempt between dispatch and confirmation. */
interface Held {
  readonly ref: AttemptRef;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Stops it; undefined when it doesn't run any more. */
  stop: ((reason: StopReason) => void) | undefined;
}

/** setTimeout fires at once for more than this. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_MESSAGE = 2_000;
const YOUNG_MS = 50;

export class Executor {
  readonly #parts: ExecutorParts;
  readonly #held = new Map<string, Held>();
  #running = 0;
  #waitingForIdle: (() => void)[] = [];

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** How many tasks run. */
  get running(): number {
    return this.#running;
  }

  /** How many tasks run that have begun a moment ago: what runs for longer may well only wait. */
  get young(): number {
    const since = Date.now() - YOUNG_MS;
    let young = 0;
    for (const { stop, startedAt } of this.#held.values()) {
      if (stop !== undefined && startedAt >= since) young++;
    }
    return young;
  }

  /** Takes tasks on; those it holds already are left as they are. */
  dispatch({ tasks }: DispatchContent): void {
    for (const task of tasks) {
      if (!isDispatch(task)) note("the node dispatched a task of an unknown shape; ignored");
      else if (!this.#held.has(keyOf(task))) this.#take(task);
    }
  }

  /** Stops attempts that run under these leases. */
  cancel({ tasks, reason, code }: CancelContent): void {
    const why: StopReason = { code: code ?? "cancelled", message: String(reason) };
    for (const ref of tasks) if (isObject(ref)) this.#held.get(keyOf(ref))?.stop?.(why);
  }

  /** Stops everything that runs. */
  stopAll(reason: StopReason): void {
    for (const { stop } of this.#held.values()) stop?.(reason);
  }

  /** Attempts that run, or all that are held. */
  attempts(which: "held" | "running"): AttemptRef[] {
    const held = [...this.#held.values()];
    return held.filter(({ stop }) => which === "held" || stop !== undefined).map(({ ref }) => ref);
  }

  /** Settles when nothing runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForIdle.push(resolve));
  }

  #take(task: TaskDispatch): void {
    const { run_id, task_id, attempt, lease } = task;
    const ref = { run_id, task_id, attempt, lease };
    const held: Held = { ref, startedAt: Date.now(), stop: undefined };
    this.#held.set(keyOf(task), held);
    if (task.work.type === "noop") this.#report(held, COMPLETED);
    else void this.#carryOut(task, held).then((outcome) => this.#report(held, outcome));
  }

  async #carryOut(task: TaskDispatch, held: Held): Promise<Outcome> {
    const { surroundings, onOutput } = this.#parts;
    const controller = new AbortController();
    const output = new LogLines(
      { maxBytes: task.limits.output, mask: () => surroundings.secrets.mask },
      (block) => onOutput(held.ref, block),
    );
    const stop = (reason: StopReason): void => controller.abort(reason);
    const timer = task.timeout_ms === null ? undefined : setTimeout(
      stop,
      Math.min(task.timeout_ms, MAX_TIMER_MS),
      { code: "timeout", message: `ran longer than ${durationWords(task.timeout_ms)}` },
    );
    held.stop = stop;
    this.#running++;
    const { signal } = controller;
    const outcome = await run({ task, signal, output, surroundings })
      .catch((error) => outcomeOfError(error, surroundings.secrets.mask));
    clearTimeout(timer);
    output.end();
    held.stop = undefined;
    if (--this.#running === 0) this.#releaseIdle();
    return signal.aborted ? stopped(outcome, signal.reason) : outcome;
  }

  #report(held: Held, outcome: Outcome): void {
    const { exitCode, error } = outcome;
    const { mask } = this.#parts.surroundings.secrets;
    const result: TaskResult = {
      ...held.ref,
      status: error === null ? "completed" : WITHOUT_FAULT.has(error.code) ? "cancelled" : "failed",
      exit_code: exitCode,
      outputs: error === null ? maskOutputs(outcome.outputs, mask) : null,
      error: error &&
        { code: error.code, message: mask.apply(error.message).slice(0, MAX_MESSAGE) },
      started_at: held.startedAt,
      finished_at: Date.now(),
    };
    this.#parts.onResult(result, () => this.#held.delete(keyOf(held.ref)));
  }

  #releaseIdle(): void {
    for (const resolve of this.#waitingForIdle) resolve();
    this.#waitingForIdle = [];
  }
}

const COMPLETED: Outcome = { exitCode: null, outputs: null, error: null };
/** Codes of attempts that were stopped through no fault of the task. */
const WITHOUT_FAULT: ReadonlySet<string> = new Set<StopReason["code"]>([
  "cancelled",
  "worker_stopped",
]);

/** Runners are loaded when the first task of their type comes. */
async function run(attempt: Attempt): Promise<Outcome> {
  const { work } = attempt.task;
  switch (work.type) {
    case "shell":
      return await (await import("./run_shell.ts")).runShell(attempt, work);
    case "deno":
      return await (await import("./run_deno.ts")).runDeno(attempt, work);
    case "http":
      return await (await import("./run_http.ts")).runHttp(attempt, work.request);
    default:
      throw new TaskError(
        "unknown_task_type",
        `this worker can't carry out tasks of type "${work.type}"; its node is of another version`,
      );
  }
}

/** What was stopped ended for that reason, whatever its process made of it. */
function stopped({ exitCode }: Outcome, { code, message }: StopReason): Outcome {
  return failure(code, message, exitCode);
}

function outcomeOfError(error: unknown, mask: Mask): Outcome {
  if (error instanceof TaskError) return failure(error.code, error.message);
  const told = error instanceof Error ? error.stack : error;
  note(mask.apply(`a task failed by a defect of the worker: ${told}`));
  return failure("worker_defect", `the worker failed at it: ${String(error)}`);
}

/** Attempts are the same when nothing of this differs. */
function keyOf({ run_id, task_id, attempt, lease }: AttemptRef): string {
  return `${run_id}\n${task_id}\n${attempt}\n${lease}`;
}

/** The node is trusted, but may be of another version: what is used is looked at. */
function isDispatch(value: unknown): value is TaskDispatch {
  if (!isObject(value)) return false;
  const task = value as Partial<TaskDispatch>;
  return typeof task.run_id === "string" && typeof task.task_id === "string" &&
    typeof task.lease === "string" && Number.isInteger(task.attempt) &&
    (task.timeout_ms === null || Number.isFinite(task.timeout_ms)) &&
    isObject(task.work) && isObject(task.env) && isObject(task.inputs) &&
    isObject(task.permissions) && isObject(task.limits) && Array.isArray(task.secrets);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
