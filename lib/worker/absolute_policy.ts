/** A policy whose paths are absolute. Pure. */
import type { Grant, Policy } from "../schema/policy.ts";
import { absolutePath } from "./path_containment.ts";

/** The policy with paths from the workspace made absolute. */
export function absolutePolicy(policy: Policy, workspace: string): Policy {
  const paths = (grant: Grant): Grant =>
    typeof grant === "boolean"
      ? grant
      : [...new Set(grant.map((path) => absolutePath(path, workspace)))];
  const { deny } = policy;
  return {
    ...policy,
    read: paths(policy.read),
    write: paths(policy.write),
    deny: {
      ...deny,
      ...(deny.read === undefined ? {} : { read: paths(deny.read) }),
      ...(deny.write === undefined ? {} : { write: paths(deny.write) }),
    },
  };
}
