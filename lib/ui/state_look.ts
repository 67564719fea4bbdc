/** How a state looks: one of a few kinds, each with a colour and a shape of its own. */
export type Look = "good" | "bad" | "active" | "waiting" | "warning" | "over";

const LOOKS: Readonly<Record<string, Look>> = {
  completed: "good",
  confirmed: "good",
  approved: "good",
  resolved: "good",
  done: "good",
  failed: "bad",
  crashed: "bad",
  rejected: "bad",
  lost: "bad",
  running: "active",
  starting: "active",
  waiting_confirmation: "waiting",
  awaiting_decision: "waiting",
  open: "waiting",
  queued: "waiting",
  pending: "waiting",
  ready: "waiting",
  paused: "warning",
  retry_wait: "warning",
  debt: "warning",
  stopping: "warning",
};

/** The look of a state of a version, run, task, attempt or worker. */
export function lookOf(state: string): Look {
  return LOOKS[state] ?? "over";
}

/** A state in words: `waiting for confirmation`. */
export function stateWords(state: string): string {
  if (state === "waiting_confirmation") return "waiting for confirmation";
  if (state === "retry_wait") return "waiting to retry";
  return state.replaceAll("_", " ");
}
