/**
 * The policies in force on a node: which rules hold for a scope now, what a version that was
 * published under others gets of them, and whose workers have to start anew when they change.
 */
import type { DagSpec, TaskSpec } from "../schema/dag_spec.ts";
import type { Policy, PolicyFile } from "../schema/policy.ts";
import { type Scope, scopeKey } from "../schema/scope.ts";
import { absolutePolicy } from "./absolute_policy.ts";
import { BUILTIN_POLICY } from "./builtin_policy.ts";
import type { ScopeGround } from "./effective_permissions.ts";
import type { MachineWalls } from "./walls.ts";
import { meetPolicies } from "./meet_policies.ts";
import { type GroundSettings, ownGround } from "./own_ground.ts";
import { resolvePolicy } from "./resolve_policy.ts";
import { type Granted, grantFor } from "./task_grant.ts";

/** What the policies of a node are made of. */
export interface ScopePolicyParts {
  readonly file: PolicyFile;
  /** What holds programs on this machine; asked anew, since it is known late. */
  readonly walls: () => MachineWalls;
  /** Absolute directory where the tasks of a scope work. */
  readonly workspaceOf: (scope: Scope) => string;
  /** What decides the node's own ground; asked anew, since its address is known late. */
  readonly groundSettings: () => GroundSettings;
}

/**
 * Rules that a worker process is started with. The others are looked at when a task starts, so a
 * change of them needs no new process.
 */
const RULES_OF_PROCESS = [
  "net",
  "read",
  "write",
  "env",
  "run",
  "deny",
  "memory",
  "cpu",
  "pids",
  "disk",
  "max_concurrent_tasks",
  "secrets",
] as const satisfies readonly (keyof Policy)[];

export class ScopePolicies {
  readonly #parts: ScopePolicyParts;
  #file: PolicyFile;
  /** What was worked out under the present rules and addresses, by policy and workspace. */
  #known = new WeakMap<Policy, Map<string, ScopeGround>>();
  #address = "";

  constructor(parts: ScopePolicyParts) {
    this.#parts = parts;
    this.#file = parts.file;
  }

  /** What holds programs on this machine. */
  get walls(): MachineWalls {
    return this.#parts.walls();
  }

  /** The `policy` of the settings that are in force. */
  get file(): PolicyFile {
    return this.#file;
  }

  /** The rules of a scope now. */
  of(scope: Scope): Policy {
    return resolvePolicy(this.#file, scope);
  }

  /** The rules of a scope now, with its workspace and what the node takes away from it. */
  groundOf(scope: Scope): ScopeGround {
    const workspace = this.#parts.workspaceOf(scope);
    return {
      policy: this.of(scope),
      workspace,
      ground: ownGround(this.#parts.groundSettings(), workspace),
    };
  }

  /**
   * The rules for a version: what held when it was published and still holds.
   * @param published null where that isn't known
   */
  groundFor(scope: Scope, published: Policy | null): ScopeGround {
    if (published === null) return this.groundOf(scope);
    const known = this.#knownOf(published);
    const key = scopeKey(scope);
    const found = known.get(key);
    if (found !== undefined) return found;
    const now = this.groundOf(scope);
    const { workspace } = now;
    // A rule that is younger than the version held then as it is built in.
    const then = absolutePolicy({ ...BUILTIN_POLICY, ...published }, workspace);
    const ground = { ...now, policy: meetPolicies(then, absolutePolicy(now.policy, workspace)) };
    known.set(key, ground);
    return ground;
  }

  /**
   * What a version that is published now may have at most, ever. Where walls were shown to those who
   * decide, they are part of it.
   */
  ceiling(scope: Scope): Policy {
    const policy = this.of(scope);
    const hasWalls = policy.isolation === "auto" && this.walls.bubblewrap !== null;
    return hasWalls ? { ...policy, isolation: "required" } : policy;
  }

  /** What a task that starts now gets, or why it may not start (the scheduler's `TaskGrants`). */
  forTask(
    spec: DagSpec,
    task: TaskSpec,
    published: Policy | null,
  ): Granted | { readonly refusal: string } {
    return grantFor(task, this.groundFor(spec.scope, published), this.walls);
  }

  /**
   * Puts other rules in force, for every task that starts from now on.
   * @param scopes those with a worker
   * @returns those whose workers run with rules that are not in force any more
   */
  replace(file: PolicyFile, scopes: readonly Scope[]): Scope[] {
    const before = scopes.map((scope) => rulesOfProcess(this.of(scope)));
    this.#file = file;
    this.#known = new WeakMap();
    return scopes.filter((scope, index) => rulesOfProcess(this.of(scope)) !== before[index]);
  }

  #knownOf(published: Policy): Map<string, ScopeGround> {
    const address = JSON.stringify(this.#parts.groundSettings().addresses);
    if (address !== this.#address) {
      this.#address = address;
      this.#known = new WeakMap();
    }
    const known = this.#known.get(published) ?? new Map<string, ScopeGround>();
    this.#known.set(published, known);
    return known;
  }
}

function rulesOfProcess(policy: Policy): string {
  return JSON.stringify(RULES_OF_PROCESS.map((rule) => policy[rule]));
}
