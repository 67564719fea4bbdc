/** Skills: named parts of the node that events are sent to (the seed's Skill and SkillManager). */
import type { Tx } from "../db/database.ts";

/** An event for a skill: the seed's `Event::Custom`. */
export interface SkillEvent {
  /** Such as `dag:execute`. */
  readonly name: string;
  readonly data: unknown;
}

/**
 * Handles events at once and within the sender's transaction: what a skill stores and what its
 * sender stores become true together. Longer work is begun in `tx.afterCommit`.
 */
export interface Skill {
  readonly name: string;
  /** @returns the answer for the sender. @throws when the event can't be handled */
  handleEvent(tx: Tx, event: SkillEvent): unknown;
}
