/** A node with a clock of its own, and DAGs with a schedule whose runs stay open or end at once. */
import { FakeClock } from "../helpers/fake_clock.ts";
import {
  call,
  publishDag,
  startDag,
  storeShows,
  type TestNode,
  type TestNodeOptions,
  withNode,
} from "../helpers/test_node.ts";
import type { ScheduleAnswer } from "../../lib/schema/schedule_view.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Where the clocks of these tests begin. */
export const START = Date.parse("2026-03-01T12:00:00Z");

/** What a test gets. */
export interface ScheduledNode extends TestNode {
  readonly clock: FakeClock;
}

/** Runs `use` with a node whose clock stands at 2026-03-01 12:00 UTC, a Sunday. */
export function withSchedules(
  use: (test: ScheduledNode) => Promise<void>,
  { clock = new FakeClock(START), ...options }: TestNodeOptions & { clock?: FakeClock } = {},
): Promise<void> {
  return withNode((test) => use({ ...test, clock }), { ...options, timer: clock });
}

/** A DAG whose runs fail at once: nobody has its skill. */
export function ending(schedule: unknown, more: object = {}): Record<string, unknown> {
  return {
    dag_id: "d",
    scope: { type: "global" },
    schedule,
    tasks: [{ id: "a", type: "skill", skill: "nobody-has-it" }],
    ...more,
  };
}

/** Publishes and confirms; the confirmation's own run ends at once. */
export async function confirmed(test: TestNode, doc: object): Promise<string> {
  return (await startDag(test.fetch, doc)).run_id;
}

/** What has become of the last times, oldest first: "12:30 started". */
export async function outcomes({ fetch }: TestNode, dagId = "d"): Promise<string[]> {
  const { times } = await schedule({ fetch }, dagId);
  return times.map(({ scheduled_at, outcome }) => `${scheduled_at.slice(11, 16)} ${outcome}`)
    .reverse();
}

/** The schedule in force. */
export function schedule({ fetch }: Pick<TestNode, "fetch">, dagId = "d"): Promise<ScheduleAnswer> {
  return call(fetch, `/api/v1/dag/${dagId}/schedule`);
}

/** Switches the schedule on or off. */
export function setEnabled({ fetch }: TestNode, enabled: boolean): Promise<ScheduleAnswer> {
  return call(fetch, "/api/v1/dag/d/schedule", { method: "POST", body: { enabled } });
}

/** Moves the clock on step by step, and waits until what falls due is settled. */
export async function pass(test: ScheduledNode, ms: number, step = MINUTE): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    test.clock.advance(Math.min(step, ms - passed));
    await settled(test);
  }
}

/** Waits until no time is due any more. */
export async function settled({ node, clock }: ScheduledNode): Promise<void> {
  await storeShows(node, () => (node.scheduleStore.earliest() ?? Infinity) > clock.now());
}

export { publishDag };
