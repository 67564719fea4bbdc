/** How an attempt's end becomes the task's: completed, tried again, failed, or a debt. */
import { backoffMs } from "./backoff.ts";
import { nodeAt, type RunEvent, specAt } from "./run_state.ts";
import { endTask, setTask, type Step } from "./run_step.ts";
import { makeReady } from "./task_start.ts";

/** After this many lost workers a task is taken for what kills them. */
export const MAX_LOSSES = 5;

/** The events that end an attempt. */
export type AttemptEvent = Extract<
  RunEvent,
  { readonly type: "completed" | "failed" | "lost" }
>;

/** Ends the attempt that runs. */
export function endAttempt(step: Step, event: AttemptEvent): void {
  const { index } = event;
  const task = nodeAt(step.machine, index);
  const { retry } = specAt(step.machine, index);
  switch (event.type) {
    case "completed":
      task.hasOutputs = event.hasOutputs;
      return endTask(step, index, "completed");
    case "failed":
      task.failures++;
      task.error = event.error;
      if (task.failures >= retry.max_attempts) return fail(step, index);
      setTask(step, index, "retry_wait");
      task.retryAt = step.now + backoffMs(retry, task.failures, { random: event.random });
      return;
    case "lost": {
      const final = endsWithLoss(step, event);
      task.error = final ?? event.reason;
      if (final === undefined) makeReady(step, index);
      else fail(step, index);
    }
  }
}

/** Counts a lost worker. @returns why nothing is tried again, or undefined when it is */
export function endsWithLoss(
  { machine }: Step,
  { index, reason }: { readonly index: number; readonly reason: string },
): string | undefined {
  const task = nodeAt(machine, index);
  task.losses++;
  if (!specAt(machine, index).idempotent) {
    return `${reason}; the task is not idempotent, so it was not run again`;
  }
  if (task.losses < MAX_LOSSES) return undefined;
  return `${reason}; that was the ${MAX_LOSSES}th worker lost with this task`;
}

function fail(step: Step, index: number): void {
  endTask(step, index, specAt(step.machine, index).on_failure === "ignorable" ? "debt" : "failed");
}
