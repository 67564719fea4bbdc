/** What the tasks of a DAG may touch, as the API shows it. */
import { z } from "zod";

/** Limits of a scope's policy. */
export const PolicyLimits = z.object({
  /** Of all tasks of the scope's worker together, as is `cpu`; `pids` is for each of them. */
  memory: z.string(),
  cpu: z.number().nullable(),
  pids: z.int(),
  disk: z.string(),
  /** Of one attempt, as is `max_output`. */
  task_timeout: z.string(),
  max_output: z.string(),
  max_concurrent_tasks: z.int(),
});

/** What may be reached, read, written and so on, entry by entry. */
const Lists = z.object({
  net: z.array(z.string()),
  read: z.array(z.string()),
  write: z.array(z.string()),
  env: z.array(z.string()),
  run: z.array(z.string()),
});

/** What the tasks of a DAG may touch, in words for the person who decides and as data. */
export const PermissionsView = z.object({
  /** One plain sentence each: "may write: …", "may reach: …", "runs: …". */
  summary: z.array(z.string()),
  ...Lists.shape,
  /** How shell tasks are walled in: "bubblewrap" or "none". */
  isolation: z.string(),
  /** Names of secrets that tasks get. */
  secrets: z.array(z.string()),
  /** As the policy has them: for the scope's tasks together, or for one attempt. */
  limits: PolicyLimits,
  /** What no policy can grant: the node's own address and data, other scopes' workspaces. */
  taken_away: z.object({ net: z.array(z.string()), paths: z.array(z.string()) }),
  /** Where tasks differ: those that may touch the same together. Empty where all may touch the same. */
  tasks: z.array(z.object({
    task_ids: z.array(z.string()),
    ...Lists.shape,
    isolation: z.string(),
  })),
});
export type PermissionsView = z.infer<typeof PermissionsView>;
