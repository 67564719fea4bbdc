/** One attempt at a task, as whatever carries it out sees it. */
import type { TaskDispatch, TaskResult } from "../../schema/room_events.ts";
import type { LaunchMeans } from "../../schema/link_frames.ts";
import type { LogLines } from "./log_lines.ts";
import type { SecretValues } from "./secret_values.ts";
import type { Slots } from "./slots.ts";

/** Why an attempt is stopped before its end: the reason of its signal. */
export interface StopReason {
  /** "cancelled" and "worker_stopped" are no fault of the task; anything else makes it failed. */
  readonly code: "timeout" | "cancelled" | "worker_stopped" | "out_of_memory" | "disk_full";
  readonly message: string;
}

/** What a worker lends to the attempts it carries out. */
export interface Surroundings {
  /** Absolute directory where tasks work. */
  readonly workspace: string;
  /** Absolute directory for this worker's temporary files; it exists. */
  readonly temp: string;
  readonly baseEnv: Readonly<Record<string, string>>;
  /** What tasks may declare, and what is masked in all that they say. */
  readonly secrets: SecretValues;
  /** Walls and limits that the machine has. */
  readonly launch: LaunchMeans;
  readonly slots: Slots;
  /** Settles when there is room for more output; undefined while there is. */
  readonly room: () => Promise<void> | undefined;
}

/** An attempt that runs. */
export interface Attempt {
  readonly task: TaskDispatch;
  /** Aborted with a {@linkcode StopReason} when the attempt has to end early. */
  readonly signal: AbortSignal;
  readonly output: LogLines;
  readonly surroundings: Surroundings;
}

/** How an attempt ended. Completed when there is no error. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly outputs: TaskResult["outputs"];
  readonly error: TaskResult["error"];
}

/** Ends an attempt as failed; what was caught is told to the person who looks for the cause. */
export class TaskError extends Error {
  override readonly name = "TaskError";
  readonly code: string;

  /**
   * @param code stable code of the error
   * @param message what happened, to what, and what to do
   */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A failure as an outcome. */
export function failure(code: string, message: string, exitCode: number | null = null): Outcome {
  return { exitCode, outputs: null, error: { code, message } };
}
