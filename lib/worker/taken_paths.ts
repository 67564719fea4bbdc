/** Paths that are taken away from tasks whatever contains them, for the walls of the system. */
import type { LaunchMeans } from "../schema/link_frames.ts";
import { absolutePolicy } from "./absolute_policy.ts";
import type { ScopeGround } from "./effective_permissions.ts";

type Taken = LaunchMeans["taken"][number];

/**
 * The node's own ground as it is on the disk now, and what a policy denies, which may come and go while
 * a worker lives: see lib/worker/child/late_mounts.ts.
 */
export function takenPaths({ policy, workspace, ground }: ScopeGround): Taken[] {
  const { deny } = absolutePolicy(policy, workspace);
  const denied = pathsOf(deny.read).filter((path) => !ground.paths.includes(path));
  const hidden = [...ground.paths, ...denied];
  const frozen = pathsOf(deny.write).filter((path) => !hidden.includes(path));
  return [
    ...ground.paths.flatMap((path): Taken[] => {
      const kind = kindOf(path);
      return kind === undefined ? [] : [{ path, as: kind }];
    }),
    ...denied.map((path): Taken => ({ path, as: "hidden" })),
    ...frozen.map((path): Taken => ({ path, as: "read_only" })),
  ];
}

function pathsOf(grant: boolean | readonly string[] | undefined): readonly string[] {
  return Array.isArray(grant) ? grant : [];
}

function kindOf(path: string): "hidden_file" | "hidden_directory" | undefined {
  try {
    return Deno.statSync(path).isDirectory ? "hidden_directory" : "hidden_file";
  } catch {
    // It isn't there, and behind read-only walls it can't come to be.
    return undefined;
  }
}
