import { z } from "zod";
import { customIssue, listOnce, NonBlank } from "./checked.ts";
import { Duration } from "./duration.ts";
import { MAX_ATTEMPTS } from "./retry.ts";

const Stakeholder = NonBlank.max(128);

/**
 * How much say people have when a task is about to start. A parsed document never has
 * `retry` here: it has become the task's `retry.max_attempts`.
 */
export const Level = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("mechanical"),
    retry: z.int().min(0).max(MAX_ATTEMPTS - 1).optional(),
  }),
  z.strictObject({
    type: z.literal("recommended"),
    default_action: z.enum(["execute", "skip", "abort"]),
    timeout: Duration,
  }),
  z.strictObject({ type: z.literal("confirmed"), timeout: Duration.optional() }),
  z.strictObject({
    type: z.literal("arbitrated"),
    stakeholders: listOnce(Stakeholder).min(1),
    /** How many stakeholders must agree; all of them when absent. */
    threshold: z.int().min(1).optional(),
    timeout: Duration.optional(),
  }).superRefine((level, context) => {
    const { stakeholders, threshold } = level;
    if (threshold === undefined || threshold <= stakeholders.length) return;
    const message = `threshold is ${threshold}, but the stakeholders are ${stakeholders.length}`;
    const issue = customIssue(threshold, "out_of_range", message);
    context.issues.push({ ...issue, path: ["threshold"] });
  }),
]);
export type Level = z.infer<typeof Level>;
