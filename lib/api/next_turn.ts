import { setImmediate } from "node:timers";

/** Settles in the next turn of the event loop: others get theirs between two steps of long work. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
