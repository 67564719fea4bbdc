/**
 * How long a node goes on with a run that others may take from it, and when others do. Pure.
 *
 * The one who holds it counts from when it *sent* its last renewal that got through, the others from when
 * they *saw* it, which is later; and it stops by the margin earlier. So it has stopped before another
 * begins, whatever the wall clocks of any of them say, also if it can reach nobody.
 */

/** A moment by both clocks of a machine, in milliseconds. */
export interface Moment {
  /** Never goes back, but may stand still while the machine sleeps. */
  readonly steady: number;
  /** Goes on while the machine sleeps, but may be set. */
  readonly wall: number;
}

/** How long who holds a run does so. */
export interface LeaseTerms {
  /** How long it goes on without a renewal. */
  readonly holdMs: number;
  /** What is over then takes so long to be over: tasks are killed, workers notice that their node is gone. */
  readonly marginMs: number;
}

/** How long a task may take to end after it was told to, and timers may be late, in milliseconds. */
const KILL_MS = 5_000;

/** Settings that terms are made from, all in milliseconds. */
export interface LeaseSettings {
  readonly hold_ms: number;
  readonly orphan_grace_ms: number;
  readonly heartbeat_ms: number;
}

/** Heartbeats of a worker that its node may leave unanswered, as lib/worker/child/link.ts has it. */
const UNANSWERED = 3;

/** The terms of a node. */
export function leaseTerms(
  { hold_ms, orphan_grace_ms, heartbeat_ms }: LeaseSettings,
): LeaseTerms {
  // A node that is killed, or stands still, leaves workers behind, which go on for so long.
  const outlived = orphan_grace_ms + UNANSWERED * heartbeat_ms;
  return { holdMs: hold_ms, marginMs: outlived + KILL_MS };
}

/** What the others wait for. */
export function leaseMs({ holdMs, marginMs }: LeaseTerms): number {
  return holdMs + marginMs;
}

/** Until when a node may go on, from a claim or renewal that it began to send then. */
export function heldUntil(sentAt: Moment, { holdMs }: LeaseTerms): Moment {
  return { steady: sentAt.steady + holdMs, wall: sentAt.wall + holdMs };
}

/** Whether a node has to stop: as soon as one of its clocks says so. */
export function isOver(until: Moment, now: Moment): boolean {
  return now.steady >= until.steady || now.wall >= until.wall;
}

/** Whether others may claim a run that they have seen renewed then: by the clock that can't be set. */
export function hasLapsed(
  { seenAt, leaseMs }: { readonly seenAt: number; readonly leaseMs: number },
  now: Moment,
): boolean {
  return now.steady - seenAt > leaseMs;
}

/**
 * What is left of a time that an earlier life of the node had written down.
 * @param untilWall by the wall clock, epoch milliseconds
 * @returns undefined: nothing, or a clock that was set makes it impossible to say
 */
export function takenUp(
  untilWall: number,
  now: Moment,
  { holdMs }: LeaseTerms,
): Moment | undefined {
  const left = untilWall - now.wall;
  if (left <= 0 || left > holdMs) return undefined;
  return { steady: now.steady + left, wall: untilWall };
}
