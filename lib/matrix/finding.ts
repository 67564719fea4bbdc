/** What a look at the homeserver has found, for people. */

/** What one look has found. */
export interface Finding {
  readonly what: "session" | "clock" | "control room" | "nodes' room" | "rooms" | "rate limits";
  readonly status: "ok" | "warning" | "failed";
  readonly detail: string;
  /** What to do; null when it is ok. */
  readonly advice: string | null;
}

/** What there is to say of one that can't be asked. */
export function unreachable(detail: string): Finding {
  const advice = "runs whose rooms are there wait; see docs/matrix.md";
  return { what: "session", status: "failed", detail, advice };
}
