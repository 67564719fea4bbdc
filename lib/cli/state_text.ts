/** States in the colours that people expect. */
import type { Colour, Output } from "./output.ts";

const COLOURS: Readonly<Record<string, Colour>> = {
  completed: "green",
  confirmed: "green",
  approved: "green",
  resolved: "green",
  done: "green",
  requested: "yellow",
  open: "yellow",
  running: "cyan",
  starting: "cyan",
  waiting_confirmation: "yellow",
  awaiting_decision: "yellow",
  retry_wait: "yellow",
  paused: "yellow",
  debt: "yellow",
  stopping: "yellow",
  failed: "red",
  crashed: "red",
  lost: "red",
  rejected: "red",
  expired: "red",
  cancelled: "red",
};

/** A state of a run, task, version or worker. */
export function stateText(out: Output, state: string): string {
  return out.paint(COLOURS[state] ?? "dim", state);
}
