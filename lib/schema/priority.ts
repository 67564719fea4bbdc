import { z } from "zod";

/** From the least to the most pressing; the index is the rank. */
export const PRIORITIES = ["low", "medium", "high", "urgent"] as const;

/** How pressing a DAG is: any case is accepted, lower case comes out. */
export const Priority = z.string()
  .transform((value) => value.toLowerCase())
  .pipe(z.enum(PRIORITIES))
  .meta({ enum: [...PRIORITIES] });
export type Priority = z.infer<typeof Priority>;

/** The order of priorities as a number: urgent 3, high 2, medium 1, low 0. */
export function priorityRank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}
