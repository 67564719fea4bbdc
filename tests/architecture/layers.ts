/** The order of the parts: whoever imports, imports from further down. */
import type { Import } from "./module_graph.ts";

/**
 * From bottom to top. A part is a folder, a file, or with a star the files that begin so; the parts
 * of one row don't know each other.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ["lib/schema"],
  ["lib/errors.ts", "lib/version.ts"],
  ["lib/config*", "lib/db", "lib/data_dir_lock.ts"],
  ["lib/auth", "lib/secrets", "lib/idempotency.ts"],
  // Both ends of a transport are there, so workers have it below them.
  ["lib/matrix"],
  ["lib/scheduler", "lib/worker"],
  ["lib/skill"],
  ["lib/homeserver_workers.ts", "lib/workers_elsewhere.ts"],
  [
    "lib/limit_watches.ts",
    "lib/policy_reload.ts",
    "lib/open_database.ts",
    "lib/reception.ts",
    "lib/node_transport_parts.ts",
    "lib/node_ways.ts",
    "lib/node_worker_command.ts",
    "lib/node_supervisor.ts",
    "lib/upkeep.ts",
  ],
  ["lib/node.ts", "lib/remote_worker.ts"],
  ["lib/api"],
  ["lib/ui", "lib/peers", "lib/people"],
  ["islands"],
  ["routes", "lib/cli"],
  ["lib/owner_token.ts", "lib/start_output.ts"],
  ["lib/start.ts"],
  ["main.ts", "cli.ts", "lib/write_config_schema.ts"],
];

/** Stands apart: nothing of the project is in it, and it is reached by the name `fresh` alone. */
const FRESH = "lib/fresh";

/** Parts that reach less far than their height would let them. */
const NARROWER: Readonly<Record<string, { allowed: readonly string[]; why: string }>> = {
  "lib/cli": {
    allowed: [
      ...["lib/cli", "lib/schema", "lib/config.ts", "lib/api/client", "lib/worker/spawn.ts"],
      ...["lib/matrix/setup.ts", "lib/matrix/credentials.ts", "lib/remote_worker.ts"],
      "lib/matrix/nodes_room_setup.ts",
    ],
    why: "a command talks to the node through the typed client, spawns workers, and sets a " +
      "homeserver up before there is a node",
  },
};

/** Imports that don't point downwards, each with the rule that it breaks. */
export function layerProblems(imports: readonly Import[]): string[] {
  const parts = new Map<string, number>();
  LAYERS.forEach((row, height) => row.forEach((part) => parts.set(part, height)));
  const partOf = (path: string): string | undefined =>
    [...parts.keys()].find((part) => isIn(path, part));

  return imports.flatMap((found) => {
    const { from, to } = found;
    const problem = (rule: string): string[] => [`${from} imports ${to}: ${rule}`];
    if (from.startsWith(`${FRESH}/`)) {
      if (!isProject(to) || to.startsWith(`${FRESH}/`)) return [];
      return problem("the stand-in for Fresh knows nothing of the project");
    }
    if (to.startsWith(`${FRESH}/`)) {
      if (/^fresh(\/(runtime|dev))?$/.test(found.specifier)) return [];
      return problem(`Fresh is imported by its name, not as "${found.specifier}"`);
    }
    const here = partOf(from);
    if (here === undefined) {
      return problem("its file is in no layer; give it a place in tests/architecture/layers.ts");
    }
    if (!isProject(to)) return [];
    for (const [part, { allowed, why }] of Object.entries(NARROWER)) {
      if (from.startsWith(`${part}/`) && !allowed.some((start) => to.startsWith(start))) {
        return problem(`${part} imports from ${allowed.join(", ")} only: ${why}`);
      }
    }
    const there = partOf(to);
    if (there === undefined) return problem("what it imports is in no layer of the project");
    if (here === there) return [];
    const [height = 0, depth = 0] = [parts.get(here), parts.get(there)];
    if (depth < height) return [];
    return problem(
      depth === height
        ? `${here} and ${there} don't know each other`
        : `imports point downwards, and ${there} is above ${here}`,
    );
  });
}

function isIn(path: string, part: string): boolean {
  if (part.endsWith("*")) return path.startsWith(part.slice(0, -1));
  return path === part || path.startsWith(`${part}/`);
}

/** Whether an import is a file of the project, and no package. */
export function isProject(to: string): boolean {
  return !/^(npm|jsr|node|https?|data):/.test(to);
}
