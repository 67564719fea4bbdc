/** Runs one seed from its beginning to its end, and holds everything against the rules on the way. */
import assert from "node:assert/strict";
import { endCalamities, setCalamities } from "./calamities.ts";
import { Disk } from "./disk.ts";
import { NodeDied } from "./faulty_connection.ts";
import { checkEnd } from "./last_checks.ts";
import { watchOverdue } from "./overdue.ts";
import { People } from "./people.ts";
import { World, type WorldOptions } from "./world.ts";

/** How long after the last fault everything has to be over, in virtual milliseconds. */
const REST_MS = 2 * 60 * 60_000;
/** How long after the last fault somebody looks whether things are done in time. */
const WATCHED_MS = 100_000;
/** More steps than any seed takes that comes to its end. */
const MOST_STEPS = 100_000;
/** How many of one another's promises may settle between two steps. */
const TICKS = 30;

/** What a seed came to. */
export interface Ended {
  /** A line for each task of each run. */
  readonly outcome: readonly string[];
  readonly steps: number;
}

let disk: Disk | undefined;

/**
 * Runs a seed.
 * @throws what didn't hold
 */
export async function simulate(
  options: Pick<WorldOptions, "seed" | "onTrace" | "shuffle">,
): Promise<Ended> {
  disk ??= new Disk();
  disk.recover();
  disk.clear();
  const world = new World({ ...options, disk });
  const people = new People(world);
  people.arrive();
  world.startNode();
  setCalamities(world, people);
  watchOverdue(world, world.plan.horizon + WATCHED_MS);
  const { time, plan } = world;
  time.after(plan.horizon, () => {
    endCalamities(world);
    people.tidyUp(plan.horizon + REST_MS);
  });
  const steps = await goOn(world);
  assert.equal(people.requests.open, 0, "somebody never got an answer");
  checkEnd(world);
  people.checkPromises();
  world.witness.checkConfirmed();
  return { outcome: outcomeOf(world), steps };
}

/** Lets everything happen that is due, until nothing is any more. @returns in how many steps */
async function goOn(world: World): Promise<number> {
  const { time, story } = world;
  for (let steps = 1; steps < MOST_STEPS; steps++) {
    let goesOn = false;
    try {
      goesOn = time.step();
    } catch (error) {
      if (!(error instanceof NodeDied)) throw error;
      goesOn = true;
    }
    for (let tick = 0; tick < TICKS; tick++) await null;
    world.buryNode();
    if (world.defect !== undefined) throw world.defect;
    story.read();
    if (!goesOn) return steps;
  }
  throw new Error("it never comes to rest");
}

function outcomeOf({ story }: World): string[] {
  return [...story.runs].flatMap(({ name, status, tasks }) => [
    `${name} ${status}`,
    ...[...tasks].map(([id, task]) => `${name} ${id} ${task.status} ${task.attempt}`).sort(),
  ]);
}

// What a dead node still tries fails, and nobody is there to hear of it.
globalThis.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof NodeDied) event.preventDefault();
});
