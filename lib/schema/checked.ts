/**
 * Building blocks of the documents: checks whose problem code and message are chosen
 * here rather than derived from zod's.
 * @module
 */
import { z } from "zod";
import { quote } from "./quote.ts";
import type { ProblemCode } from "./spec_problem.ts";

/** What a check reports when it refuses a value. */
export function customIssue(
  input: unknown,
  code: ProblemCode,
  message: string,
): z.core.$ZodRawIssue {
  return { code: "custom", input, message, params: { code } };
}

/**
 * A string that must match a pattern. The pattern appears in the JSON Schema, the code
 * in the problem.
 */
export function patternString(
  pattern: RegExp,
  options: { code: ProblemCode; describe: (value: string) => string },
): z.ZodString {
  return z.string()
    .refine((value) => pattern.test(value), {
      error: (issue) => options.describe(String(issue.input)),
      params: { code: options.code },
    })
    .meta({ pattern: pattern.source });
}

/** A string with something in it besides white space. */
export const NonBlank = z.string().refine((text) => text.trim() !== "", {
  error: "must not be empty",
  params: { code: "out_of_range" satisfies ProblemCode },
}).meta({ minLength: 1 });

/** A list that names each thing once. */
export function listOnce<T extends z.ZodType<string>>(item: T): z.ZodArray<T> {
  return z.array(item).superRefine((values, context) => {
    const seen = new Set<string>();
    for (const [index, value] of values.entries()) {
      const issue = customIssue(value, "duplicate_value", `${quote(value)} is listed twice`);
      if (seen.has(value)) context.issues.push({ ...issue, path: [index] });
      seen.add(value);
    }
  }).meta({ uniqueItems: true });
}
