/**
 * The policy of scopes, as `cis.config.json` holds it under `policy`: what the worker of a scope and
 * its tasks may touch and use. Rules for all scopes, then for a type of scope, then for one scope;
 * the more exact one wins, rule by rule.
 * @module
 */
import { z } from "zod";
import { listOnce } from "./checked.ts";
import { Duration } from "./duration.ts";
import { SCOPE_ID_PATTERN } from "./ids.ts";
import { ListEntry } from "./list_entry.ts";
import { NetEntry } from "./net_entry.ts";
import { Size } from "./size.ts";

const WHAT_IS_GRANTED = "must be a list, true for all there is, or false for nothing";

/** What is granted of one kind: a list, `true` for all there is, `false` for nothing. */
export const Grant = z.union([z.boolean(), listOnce(ListEntry)], { error: WHAT_IS_GRANTED });
export type Grant = z.infer<typeof Grant>;

/** As {@linkcode Grant}, of addresses. */
const NetGrant = z.union([z.boolean(), listOnce(NetEntry)], { error: WHAT_IS_GRANTED });

/** The kinds of things that are granted. */
export const GRANT_KINDS = ["net", "read", "write", "env", "run"] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/** How `shell` tasks are walled in: always or not at all, by what the machine has, or never. */
export const Isolation = z.enum(["required", "auto", "none"]);
export type Isolation = z.infer<typeof Isolation>;

/** Types of tasks that a policy may allow. */
export const TaskType = z.enum(["shell", "deno", "http", "skill", "approval", "noop"]);

const RULES = {
  net: NetGrant.describe("`host` or `host:port`."),
  read: Grant.describe("Paths, absolute or from the workspace."),
  write: Grant.describe("Paths, absolute or from the workspace"),
  env: Grant.describe("Names of variables of the node's environment."),
  run: Grant.describe("Programs. `/bin/sh` among them allows `shell` tasks."),
  deny: z.strictObject({
    net: NetGrant.optional(),
    read: Grant.optional(),
    write: Grant.optional(),
    env: Grant.optional(),
    run: Grant.optional(),
  }).describe("Taken away again from what is granted"),
  task_types: listOnce(TaskType),
  memory: Size.describe("Memory of all tasks of a worker together."),
  cpu: z.number().positive().max(1024).nullable().describe("Cores."),
  pids: z.int().min(1).describe("Processes and threads of one task."),
  disk: Size.describe("Size of the workspace, and of a single file."),
  max_concurrent_tasks: z.int().min(1).max(256).describe("Tasks that a worker runs at once."),
  task_timeout: Duration.describe("Wall clock of one attempt."),
  max_output: Size.describe("Longest output of one attempt, both streams together."),
  isolation: Isolation,
  secrets: Grant.describe("Names of the node's secrets that tasks may declare."),
};

/** All rules, as they apply to one scope. */
export const Policy = z.strictObject(RULES);
export type Policy = z.infer<typeof Policy>;

/** Some of the rules. */
export const PolicyRules = z.strictObject(RULES).partial().meta({ id: "PolicyRules" });
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
