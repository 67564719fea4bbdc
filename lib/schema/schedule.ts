import { Cron } from "croner";
import { z } from "zod";
import { customIssue } from "./checked.ts";
import { quote } from "./quote.ts";

/** Fixed, so that whether an expression ever fires does not depend on today. */
const REFERENCE_DATE = new Date("2000-01-01T00:00:00Z");

/** Why a cron expression cannot be used, or undefined when it can. */
function whyNotCron(cron: string): string | undefined {
  if (cron.includes(":")) return "is not a cron expression";
  try {
    // Paused and without a function: nothing is ever started.
    const parsed = new Cron(cron, { paused: true, mode: "5-or-6-parts", timezone: "UTC" });
    return parsed.nextRun(REFERENCE_DATE) === null ? "never fires" : undefined;
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^\w+: /, "") : String(error);
    return `is not a cron expression: ${detail}`;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    // Intl has no other way to ask.
    return false;
  }
}

const CronExpression = z.string().transform((text, context) => {
  const cron = text.trim().split(/\s+/).join(" ");
  const reason = whyNotCron(cron);
  if (reason === undefined) return cron;
  context.issues.push(customIssue(text, "bad_cron", `the schedule ${quote(text)} ${reason}`));
  return z.NEVER;
}).pipe(z.string()).meta({
  description: "Five fields (minute hour day month weekday), six with seconds first, or @daily",
});

const TimeZone = z.string().refine(isTimeZone, {
  error: (issue) => `${quote(issue.input)} is not a time zone; use a name such as Europe/Berlin`,
  params: { code: "bad_timezone" },
});

/** Which times that passed while the node was down are made up for; `true` is all of them. */
const CatchUp = z.union([z.boolean(), z.enum(["none", "last", "all"])])
  .transform((value) => typeof value === "string" ? value : value ? "all" : "none")
  .pipe(z.enum(["none", "last", "all"]))
  .meta({ enum: ["none", "last", "all", true, false] });

/** When a DAG starts by itself, and what happens when the last run still goes on. */
export const Schedule = z.strictObject({
  cron: CronExpression,
  timezone: TimeZone.default("UTC"),
  overlap: z.enum(["skip", "queue", "allow"]).default("skip"),
  catch_up: CatchUp.default("none"),
});
export type Schedule = z.infer<typeof Schedule>;
