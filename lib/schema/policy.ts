/**
 * The policy of scopes, as `cis.config.json` holds it under `policy`: what the worker of a scope and
 * its tasks may touch and use. Rules for all scopes, then for a type of scope, then for one scope;
 * the more exact one wins, rule by rule.
 * @module
 */
import { z } from "zod";
import { listOnce, NonBlank } from "./checked.ts";
import { Duration } from "./duration.ts";
import { SCOPE_ID_PATTERN } from "./ids.ts";
import { Size } from "./size.ts";

/** What is granted of one kind: a list, `true` for all there is, `false` for nothing. */
export const Grant = z.union([z.boolean(), listOnce(NonBlank)]);
export type Grant = z.infer<typeof Grant>;

/** The kinds of things that are granted. */
export const GRANT_KINDS = ["net", "read", "write", "env", "run"] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/** How `shell` tasks are walled in: always or not at all, by what the machine has, or never. */
export const Isolation = z.enum(["required", "auto", "none"]);
export type Isolation = z.infer<typeof Isolation>;

/** Types of tasks that a policy may allow. */
export const TaskType = z.enum(["shell", "deno", "http", "skill", "approval", "noop"]);

const RULES = {
  /** `host` or `host:port`. */
  net: Grant,
  /** Paths, absolute or from the workspace. */
  read: Grant,
  write: Grant,
  /** Names of variables of the node's environment. */
  env: Grant,
  /** Programs. `/bin/sh` among them allows `shell` tasks. */
  run: Grant,
  /** Taken away again from what is granted. */
  deny: z.strictObject({
    net: Grant.optional(),
    read: Grant.optional(),
    write: Grant.optional(),
    env: Grant.optional(),
    run: Grant.optional(),
  }),
  task_types: listOnce(TaskType),
  /** Memory of all tasks of a worker together. */
  memory: Size,
  /** Cores. */
  cpu: z.number().positive().max(1024).nullable(),
  /** Processes and threads of all tasks of a worker together. */
  pids: z.int().min(1),
  /** Size of the workspace, and of a single file. */
  disk: Size,
  /** Tasks that a worker runs at once. */
  max_concurrent_tasks: z.int().min(1).max(256),
  /** Wall clock of one attempt. */
  task_timeout: Duration,
  /** Longest output of one attempt, both streams together. */
  max_output: Size,
  isolation: Isolation,
  /** Names of the node's secrets that tasks may declare. */
  secrets: Grant,
};

/** All rules, as they apply to one scope. */
export const Policy = z.strictObject(RULES);
export type Policy = z.infer<typeof Policy>;

/** Some of the rules. */
export const PolicyRules = z.strictObject(RULES).partial();
export type PolicyRules = z.infer<typeof PolicyRules>;

const ScopeKey = z.string().regex(
  new RegExp(`^(global|(project|user|type):${SCOPE_ID_PATTERN.source.replace(/^\^|\$$/g, "")})$`),
  "is not a scope; write global, project:<id>, user:<id> or type:<type>",
);

/** `policy` in `cis.config.json`. */
export const PolicyFile = z.strictObject({
  defaults: PolicyRules.optional(),
  scope_types: z.strictObject({
    global: PolicyRules.optional(),
    project: PolicyRules.optional(),
    user: PolicyRules.optional(),
    type: PolicyRules.optional(),
  }).optional(),
  scopes: z.record(ScopeKey, PolicyRules).optional(),
});
export type PolicyFile = z.infer<typeof PolicyFile>;
