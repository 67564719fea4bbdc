/** Policy → the exact permission flags of a worker process. Pure. */
import type { WorkerPolicy } from "./policy.ts";

/** What every worker needs whatever its policy. Paths are absolute. */
export interface PolicyGrants {
  /** `host:port` of the node. */
  readonly nodeAddress: string;
  readonly workspace: string;
  readonly temp: string;
  /** Folder of the code that the worker loads. */
  readonly moduleRoot: string;
}

/**
 * The flags: no prompts, what is allowed, last what is denied. A kind of which nothing is allowed
 * has no flag, so Deno refuses all of it.
 * @throws {RangeError} for a value with a comma, at which Deno would split it
 */
export function permissionFlags(policy: WorkerPolicy, grants: PolicyGrants): string[] {
  const { workspace, temp, moduleRoot, nodeAddress } = grants;
  return [
    "--no-prompt",
    ...allow("net", policy.net === true ? true : [nodeAddress, ...policy.net]),
    ...allow("read", policy.read === true ? true : [workspace, temp, moduleRoot, ...policy.read]),
    ...allow("write", policy.write === true ? true : [workspace, temp, ...policy.write]),
    ...allow("env", policy.env),
    ...allow("run", policy.run),
    "--deny-ffi",
    "--deny-import",
  ];
}

function allow(kind: string, list: readonly string[] | true): string[] {
  if (list === true) return [`--allow-${kind}`];
  const values = [...new Set(list)];
  const broken = values.find((value) => value.includes(","));
  if (broken !== undefined) {
    throw new RangeError(
      `"${broken}" can't be allowed for ${kind}: Deno splits at the comma in it`,
    );
  }
  return values.length === 0 ? [] : [`--allow-${kind}=${values.join(",")}`];
}
