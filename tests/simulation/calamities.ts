/** When which fault happens, and what people do when: all set at the beginning of a seed. */
import { checkMemory } from "./memory_check.ts";
import type { People } from "./people.ts";
import type { World } from "./world.ts";

/** The clock is set by so much at most, either way. */
const LONGEST_JUMP_MS = 10 * 60_000;
/** Between two answers of people to what they are asked, on the average. */
const ANSWER_EVERY_MS = 4_000;

/** Sets everything that is to happen within the seed's horizon. */
export function setCalamities(world: World, people: People): void {
  const { plan, chance, time, network } = world;
  const often = (times: number, work: () => void): void => {
    for (let n = 0; n < times; n++) time.after(chance.real() * plan.horizon, work);
  };
  for (const spec of world.specs) {
    time.after(chance.real() * plan.horizon / 4, () => people.publish(spec));
  }
  often(plan.actions, () => people.act());
  if (chance.happens(0.8)) often(plan.horizon / ANSWER_EVERY_MS, () => people.answer());
  often(plan.nodeDeaths, () => chance.happens(0.2) ? world.killNode() : world.doomNode());
  often(plan.workerDeaths, () => someWorker(world)?.die("somebody killed it"));
  often(plan.leavings, () => someWorker(world)?.leave());
  often(plan.cuts, () => network.cutOne());
  often(plan.clockJumps, () => jump(world));
  often(plan.fullDisks, () => fillDisk(world));
  often(plan.memoryChecks, () => checkMemory(world));
  if (plan.refusals) often(2, () => changePolicy(world));
}

/** Nothing goes wrong any more. */
export function endCalamities(world: World): void {
  world.trace(() => "from now on nothing goes wrong");
  world.isCalm = true;
  world.fullDisk = undefined;
  world.network.isFaulty = false;
  world.spareNode();
}

function someWorker(
  { processes, chance }: World,
): { die(why: string): void; leave(): void } | undefined {
  return processes.size === 0 ? undefined : chance.oneOf([...processes.values()]);
}

function jump(world: World): void {
  const { time, chance } = world;
  const ms = Math.round(chance.span(1_000, LONGEST_JUMP_MS)) * (chance.happens(0.5) ? 1 : -1);
  time.jump(ms);
  world.jumpedAt = time.elapsed;
  world.trace(() => `the clock is set by ${ms} ms`);
}

function fillDisk(world: World): void {
  const { chance, time } = world;
  world.fullDisk = chance.oneOf(["statement", "transaction", "commit"] as const);
  world.trace(() => `the disk is full (${world.fullDisk})`);
  time.after(chance.span(1, 5_000), () => {
    world.fullDisk = undefined;
    world.troubledAt = time.elapsed;
    world.trace(() => "the disk has room again");
  });
}

/** The policy forbids some task, or what it has forbidden no more. */
function changePolicy({ chance, specs, forbidden }: World): void {
  const id = chance.oneOf(chance.oneOf(specs).tasks.map((task) => task.id).sort());
  if (!forbidden.delete(id)) forbidden.add(id);
}
