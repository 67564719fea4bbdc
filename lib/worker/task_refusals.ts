/** Why the policy of a scope does not let a task start. Pure. */
import type { TaskSpec } from "../schema/dag_spec.ts";
import type { GrantKind } from "../schema/policy.ts";
import { sizeBytes } from "../schema/size.ts";
import {
  effectivePermissions,
  type Missing,
  type ScopeGround,
  TAKEN_AWAY,
} from "./effective_permissions.ts";
import { grantsSecret, isTakenAway } from "./secret_grant.ts";
import { SHELL } from "./task_wishes.ts";
import type { MachineWalls } from "./walls.ts";

/** One thing that a task asks for and must not have. */
export interface Refusal {
  /** Where in the task it asks for it. */
  readonly field: readonly PropertyKey[];
  /** The rule of the policy that stands in the way; null where no rule could grant it. */
  readonly rule: string | null;
  /** What is refused, as a sentence without its end. */
  readonly what: string;
}

/** Everything that a task asks for and must not have. */
export function taskRefusals(
  task: TaskSpec,
  scope: ScopeGround,
  walls: MachineWalls,
): Refusal[] {
  const { policy } = scope;
  if (!policy.task_types.includes(task.type)) {
    return [refusal(["type"], "task_types", `tasks of type ${task.type} are not allowed`)];
  }
  return [
    ...effectivePermissions(task, scope).missing.map((missing) => ofMissing(task, missing)),
    ...resourceRefusals(task, scope),
    ...secretRefusals(task, scope),
    ...wallRefusals(task, scope, walls),
  ];
}

const VERBS: Readonly<Record<GrantKind, string>> = {
  net: "reach",
  read: "read",
  write: "write",
  env: "have the variable",
  run: "run",
};

function ofMissing(task: TaskSpec, { kind, entry, why }: Missing): Refusal {
  const what = `it may not ${VERBS[kind]} ${entry}: ${why}`;
  const isFinal = why.endsWith("no policy can grant that");
  const rule = why === TAKEN_AWAY ? `deny.${kind}` : kind;
  return { field: fieldOf(task, kind, entry), rule: isFinal ? null : rule, what };
}

function fieldOf(task: TaskSpec, kind: GrantKind, entry: string): PropertyKey[] {
  if (kind === "run" && task.type === "shell" && entry === SHELL) return ["type"];
  const stated = task.permissions?.[kind] ?? [];
  // Paths were made absolute; the list has them as they were written.
  const index = stated.findIndex((text) => text === entry || entry.endsWith(`/${trimmed(text)}`));
  if (index >= 0) return ["permissions", kind, index];
  if (stated.length > 0) return ["permissions", kind];
  if (kind === "net" && task.type === "http") return ["request", "url"];
  return ["permissions"];
}

function trimmed(path: string): string {
  return path.replace(/^(\.\/)+|\/+$/g, "");
}

function resourceRefusals({ resources = {} }: TaskSpec, { policy }: ScopeGround): Refusal[] {
  const { memory, cpu } = resources;
  const refusals: Refusal[] = [];
  if (memory !== undefined && sizeBytes(memory) > sizeBytes(policy.memory)) {
    const what = `it may not have ${memory} of memory: the policy allows ${policy.memory}`;
    refusals.push(refusal(["resources", "memory"], "memory", what));
  }
  if (cpu !== undefined && policy.cpu !== null && cpu > policy.cpu) {
    const what = `it may not have ${cpu} cores: the policy allows ${policy.cpu}`;
    refusals.push(refusal(["resources", "cpu"], "cpu", what));
  }
  return refusals;
}

function secretRefusals({ secrets }: TaskSpec, { policy }: ScopeGround): Refusal[] {
  return secrets.flatMap((name, index) => {
    if (grantsSecret(policy, name)) return [];
    const [rule, why] = isTakenAway(policy, name)
      ? ["deny.env", TAKEN_AWAY]
      : ["secrets", "the policy does not grant it"];
    const what = `it may not have the secret ${name}: ${why}`;
    return [refusal(["secrets", index], rule, what)];
  });
}

function wallRefusals(
  task: TaskSpec,
  { policy }: ScopeGround,
  { bubblewrap, reason }: MachineWalls,
): Refusal[] {
  const wantsWalls = task.type === "shell" ||
    (task.type === "deno" && (task.permissions?.run.length ?? 0) > 0);
  if (!wantsWalls || policy.isolation !== "required" || bubblewrap !== null) return [];
  return [refusal(
    ["type"],
    "isolation",
    "its programs may run walled in only, and this machine has no walls: " +
      `${reason ?? "bubblewrap can't be used"}`,
  )];
}

function refusal(field: readonly PropertyKey[], rule: string, what: string): Refusal {
  return { field, rule, what };
}
