import { z } from "zod";
import { Duration, durationMs, formatDuration } from "./duration.ts";

/** The most attempts that a task can ask for; a bare `retry: n` means n + 1 attempts. */
export const MAX_ATTEMPTS = 100;

const DEFAULT_MAX_DELAY_MS = 5 * 60_000;

/** The fields of a retry policy as people write it. */
export const RetryFields = z.strictObject({
  max_attempts: z.int().min(1).max(MAX_ATTEMPTS).default(1),
  delay: Duration.default("1s"),
  multiplier: z.number().min(1).max(10).default(2),
  /** Five minutes, or `delay` where that is longer. */
  max_delay: Duration.optional(),
  jitter: z.number().min(0).max(1).default(0.2),
}).refine((retry) => retry.max_delay === undefined || isOrdered(retry.delay, retry.max_delay), {
  error: "max_delay is shorter than delay; raise max_delay or lower delay",
  path: ["max_delay"],
  params: { code: "out_of_range" },
});

/**
 * How often a task is tried and how long each wait is: `delay`, then `multiplier` times
 * as long after each failure, never more than `max_delay`, each varied by up to the
 * share `jitter`.
 */
export const Retry = RetryFields.transform((retry) => ({
  ...retry,
  max_delay: retry.max_delay ?? defaultMaxDelay(retry.delay),
})).pipe(z.object({
  max_attempts: z.int(),
  delay: z.string(),
  multiplier: z.number(),
  max_delay: z.string(),
  jitter: z.number(),
}));
export type Retry = z.infer<typeof Retry>;

function isOrdered(shorter: string, longer: string): boolean {
  return durationMs(shorter) <= durationMs(longer);
}

function defaultMaxDelay(delay: string): string {
  return formatDuration(Math.max(durationMs(delay), DEFAULT_MAX_DELAY_MS));
}
