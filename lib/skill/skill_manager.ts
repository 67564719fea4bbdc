/** Knows the skills of this node and brings events to them. */
import type { Tx } from "../db/database.ts";
import type { Skill, SkillEvent } from "./skill.ts";

export class SkillManager {
  readonly #skills = new Map<string, Skill>();

  /** Makes a skill known. @throws {Error} when the name is taken */
  register(skill: Skill): void {
    if (this.#skills.has(skill.name)) throw new Error(`there is a skill "${skill.name}" already`);
    this.#skills.set(skill.name, skill);
  }

  /** Names of the skills. */
  names(): string[] {
    return [...this.#skills.keys()];
  }

  /**
   * Sends an event to a skill. @returns the skill's answer
   * @throws {Error} when there is no such skill, or what the skill throws
   */
  sendEvent(tx: Tx, skillName: string, event: SkillEvent): unknown {
    const skill = this.#skills.get(skillName);
    if (skill === undefined) {
      throw new Error(`there is no skill "${skillName}"; there are: ${this.names().join(", ")}`);
    }
    return skill.handleEvent(tx, event);
  }
}
