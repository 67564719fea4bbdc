/** What a seed has in store: which faults there are, how many, and how big everything is. */
import type { NodeBounds } from "../../lib/scheduler/capacity.ts";
import type { Chance } from "./chance.ts";

/** A seed's circumstances. Times in milliseconds, shares from 0 to 1. */
export interface Plan {
  /** How long people act and faults happen; after that all that is open comes to its end. */
  readonly horizon: number;
  readonly dags: number;
  /** Things that people do beside publishing and confirming. */
  readonly actions: number;
  /** How many answers get lost on their way to who asked. */
  readonly lostAnswers: number;
  /** How many tasks fail at an attempt. */
  readonly failures: number;
  /** How many tasks kill their worker, at each attempt. */
  readonly deadlyTasks: number;
  /** The longest that an attempt takes. */
  readonly longestTask: number;
  readonly slots: number;
  readonly bounds: NodeBounds;
  readonly messages: {
    readonly lost: number;
    readonly doubled: number;
    /** Whether they overtake each other, and arrive although their connection is gone. */
    readonly disordered: boolean;
    readonly longestDelay: number;
    /** Whether the node knows a message again by its number; where not, the leases have to do. */
    readonly numbered: boolean;
  };
  /** How often each fault happens. */
  readonly nodeDeaths: number;
  readonly workerDeaths: number;
  /** After so many crashes in a row a worker is given up. */
  readonly restartLimit: number;
  readonly leavings: number;
  readonly cuts: number;
  readonly clockJumps: number;
  readonly fullDisks: number;
  /** How many of the statements that write fail beside that. */
  readonly failedWrites: number;
  /** Whether the policy may forbid tasks meanwhile. */
  readonly refusals: boolean;
  /** How often the node's memory is held against its database; that has it read what it had forgotten. */
  readonly memoryChecks: number;
}

/** Draws the circumstances. Each kind of fault is left out in many of them: so others come to bear. */
export function drawPlan(chance: Chance): Plan {
  const some = (most: number): number => chance.happens(0.5) ? chance.between(1, most) : 0;
  const share = (most: number): number => chance.happens(0.5) ? chance.real() * most : 0;
  return {
    horizon: chance.span(2_000, 90_000),
    dags: chance.oneOf([1, 1, 1, 2, 2, 3]),
    actions: some(10),
    lostAnswers: share(0.4),
    failures: share(0.5),
    deadlyTasks: chance.happens(0.05) ? 0.3 : 0,
    longestTask: chance.span(50, 10_000),
    slots: chance.between(1, 4),
    bounds: {
      maxRunningTasks: chance.happens(0.3) ? chance.between(1, 4) : null,
      maxRunningRuns: chance.happens(0.2) ? chance.between(1, 2) : null,
      groups: chance.happens(0.3) ? { g: chance.between(1, 2) } : {},
      priorityAgeMs: 5_000,
    },
    messages: {
      lost: share(0.1),
      doubled: share(0.3),
      disordered: chance.happens(0.4),
      longestDelay: chance.span(2, 3_000),
      numbered: chance.happens(0.7),
    },
    nodeDeaths: some(4),
    workerDeaths: chance.happens(0.05) ? chance.between(8, 20) : some(4),
    restartLimit: chance.oneOf([2, 5, 50]),
    leavings: chance.happens(0.2) ? 1 : 0,
    cuts: some(3),
    clockJumps: some(3),
    fullDisks: some(3),
    failedWrites: chance.happens(0.3) ? chance.span(0.001, 0.05) : 0,
    refusals: chance.happens(0.2),
    memoryChecks: chance.happens(0.3) ? 4 : 0,
  };
}
