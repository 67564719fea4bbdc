/** Settings of the homeserver that rooms are on. */
import { z } from "zod";

/** A scope's key, or a beginning of one with a star: `project:*`, `*`. */
const ScopePattern = z.string().regex(
  /^(\*|global|(project|user|type):([A-Za-z0-9._-]{1,64}|\*))$/,
  'must be "*", global, project:<id>, user:<id>, type:<type>, or such as "project:*"',
);

/** A scope's key. */
const ScopeKey = z.string().regex(
  /^(global|(project|user|type):[A-Za-z0-9._-]{1,64})$/,
  "must be global, project:<id>, user:<id> or type:<type>",
);

/** The homeserver, and whose rooms are on it. */
export const MatrixSettings = z.strictObject({
  homeserver: z.url({ protocol: /^https?$/ }).describe("Address of its client-server API."),
  scopes: z.array(ScopePattern).default(["*"]).describe(
    "Scopes whose workers' rooms are on it; the others' are inside the node.",
  ),
  elsewhere: z.array(ScopeKey).default([]).describe(
    "Scopes whose workers are started on other machines, with nothing but their rooms and tokens.",
  ),
  hold_ms: z.int().min(1_000).max(12 * 60 * 60 * 1000).default(30_000).describe(
    "How long this node goes on with a run for any node while it can't renew its claim, in " +
      "milliseconds; `orphan_grace_ms`, three heartbeats and five seconds later another may take it over.",
  ),
  labels: z.record(z.string().min(1).max(100), z.string().max(300)).default({}).describe(
    "What this node tells the others of itself, such as where it is.",
  ),
});
export type MatrixSettings = z.infer<typeof MatrixSettings>;

/** Whether a scope's rooms are on the homeserver. @param scope its key */
export function isOnHomeserver(settings: MatrixSettings | undefined, scope: string): boolean {
  if (settings === undefined) return false;
  return [...settings.scopes, ...settings.elsewhere].some((pattern) =>
    pattern.endsWith("*") ? scope.startsWith(pattern.slice(0, -1)) : scope === pattern
  );
}
