/** The policy in force as the API shows it. */
import { z } from "zod";
import { Policy } from "./policy.ts";
import { Time } from "./time_field.ts";

/** GET /api/v1/policy: what is in force, by scope, and where it comes from. */
export const PolicyView = z.object({
  /** The settings file; null: built-in rules alone. */
  source: z.string().nullable(),
  loaded_at: Time,
  /** Why the newest content of the file was refused; null: it was not. */
  last_error: z.object({
    at: Time,
    problems: z.array(z.object({ path: z.string(), message: z.string() })),
  }).nullable(),
  /** Settings that differ from those in force and need a restart. */
  needs_restart: z.array(z.string()),
  walls: z.object({ bubblewrap: z.string().nullable(), reason: z.string().nullable() }),
  /** Every scope that is known: by settings, workers or DAGs. */
  scopes: z.array(z.object({
    scope: z.string(),
    workspace: z.string(),
    policy: Policy,
    taken_away: z.object({ net: z.array(z.string()), paths: z.array(z.string()) }),
  })),
});
export type PolicyView = z.infer<typeof PolicyView>;
