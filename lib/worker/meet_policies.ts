/** What two policies both allow. Pure. */
import { durationMs } from "../schema/duration.ts";
import { netMeet } from "../schema/net_address.ts";
import { type Grant, GRANT_KINDS, type GrantKind, type Policy } from "../schema/policy.ts";
import { sizeBytes } from "../schema/size.ts";
import { entryCovers } from "./covers.ts";

/** From lax to strict. */
const ISOLATION = ["none", "auto", "required"] as const;

/** The rules that allow what both allow, and no more. Paths of both are absolute. */
export function meetPolicies(one: Policy, other: Policy): Policy {
  const both = <T>(of: (policy: Policy) => T, pick: (a: T, b: T) => T): T =>
    pick(of(one), of(other));
  const grant = (kind: GrantKind): Grant => meetGrants(kind, one[kind], other[kind]);
  return {
    net: grant("net"),
    read: grant("read"),
    write: grant("write"),
    env: grant("env"),
    run: grant("run"),
    deny: joinDenials(one.deny, other.deny),
    task_types: one.task_types.filter((type) => other.task_types.includes(type)),
    memory: both((policy) => policy.memory, smallerBy(sizeBytes)),
    cpu: both((policy) => policy.cpu, smallestOrNone),
    pids: both((policy) => policy.pids, Math.min),
    disk: both((policy) => policy.disk, smallerBy(sizeBytes)),
    max_concurrent_tasks: both((policy) => policy.max_concurrent_tasks, Math.min),
    task_timeout: both((policy) => policy.task_timeout, smallerBy(durationMs)),
    max_output: both((policy) => policy.max_output, smallerBy(sizeBytes)),
    isolation: both(
      (policy) => policy.isolation,
      (a, b) => ISOLATION.indexOf(a) > ISOLATION.indexOf(b) ? a : b,
    ),
    // Names of secrets are compared as those of variables are.
    secrets: meetGrants("env", one.secrets, other.secrets),
  };
}

function meetGrants(kind: GrantKind, one: Grant, other: Grant): Grant {
  if (one === false || other === false) return false;
  if (one === true) return other;
  if (other === true) return one;
  const common = one.flatMap((a) => other.map((b) => meetEntries(kind, a, b)));
  return [...new Set(common.filter((entry) => entry !== undefined))];
}

/** Paths and names: one includes the other, or they have nothing in common. */
function meetEntries(kind: GrantKind, one: string, other: string): string | undefined {
  if (kind === "net") return netMeet(one, other);
  if (entryCovers(kind, one, other)) return other;
  return entryCovers(kind, other, one) ? one : undefined;
}

function joinDenials(one: Policy["deny"], other: Policy["deny"]): Policy["deny"] {
  const joined: Policy["deny"] = {};
  for (const kind of GRANT_KINDS) {
    const [a = false, b = false] = [one[kind], other[kind]];
    if (a === true || b === true) joined[kind] = true;
    else if (a !== false || b !== false) joined[kind] = [...new Set([...a || [], ...b || []])];
  }
  return joined;
}

function smallerBy(size: (text: string) => number): (a: string, b: string) => string {
  return (a, b) => size(a) <= size(b) ? a : b;
}

function smallestOrNone(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
