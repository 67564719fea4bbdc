/** What all commands that list have in common. */
import { InvalidArgumentError } from "commander";
import type { Output } from "./output.ts";

/** Flags of a list. */
export interface PageFlags {
  readonly limit?: number;
  readonly cursor?: string;
}

/**
 * Reads a whole number from 1.
 * @throws {InvalidArgumentError}
 */
export function countOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

/** Tells how to get the next page, if there is one. */
export function showMore(out: Output, nextCursor: string | null): void {
  if (nextCursor !== null) out.note(`There is more: add --cursor ${nextCursor}`);
}
