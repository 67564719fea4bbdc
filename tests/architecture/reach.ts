/** What comes along with a file at run time, over all its imports: browsers and sandboxes care. */
import { isProject } from "./layers.ts";
import type { Import } from "./module_graph.ts";
import type { Use } from "./uses.ts";

/** A part that may bring along only so much. */
interface Reach {
  readonly part: string;
  readonly files: readonly string[];
  readonly packages: readonly RegExp[];
  readonly isFreeOf: readonly string[];
  readonly why: string;
}

export const REACHES: readonly Reach[] = [
  {
    part: "islands",
    files: [
      "islands",
      "lib/ui",
      "lib/schema",
      ...["client", "client_request", "secret_client", "sse_follower", "sse_reader", "pause"].map((
        name,
      ) => `lib/api/${name}.ts`),
      "lib/fresh/runtime.ts",
      "lib/fresh/asset.ts",
      "lib/fresh/head.ts",
      "lib/fresh/http_error.ts",
    ],
    packages: [/^npm:\/?preact@[^/]+(\/(hooks|jsx-runtime))?$/, /^npm:\/?@preact\/signals@[^/]+$/],
    isFreeOf: ["Deno"],
    why: "an island goes to the browser, with pages' parts, schema and the typed client, no zod " +
      "(450 kB) and nothing of Deno",
  },
  {
    part: "lib/schema",
    files: ["lib/schema"],
    packages: [/^npm:\/?(zod|canonicalize|@noble\/hashes|croner|smol-toml|yaml)@/],
    isFreeOf: ["Deno", "fetch", "console", "WebSocket", "process.env"],
    why: "the schema is pure: no I/O, the same in browser, worker and CLI",
  },
  {
    part: "lib/worker/child",
    files: ["lib/worker", "lib/matrix", "lib/schema"],
    packages: [/^npm:\/?(zod|canonicalize|@noble\/hashes|croner|smol-toml|yaml)@/, /^node:/],
    isFreeOf: [],
    why: "what runs within the sandbox stays small and has nothing of the node",
  },
];

/** Files and packages that come along where they may not, with the way on which they do. */
export function reachProblems(
  imports: readonly Import[],
  { uses, reaches = REACHES }: { uses: readonly Use[]; reaches?: readonly Reach[] },
): string[] {
  const atRunTime = Map.groupBy(imports.filter(({ isType }) => !isType), ({ from }) => from);
  return reaches.flatMap((reach) => {
    const ways = reachedFrom(reach.part, atRunTime);
    const problems = [...ways].filter(([to]) => !isAllowed(to, reach))
      .map(([, way]) => `${way.join(" imports ")}: ${reach.why}`);
    const forbidden = uses.filter(({ path, what }) =>
      ways.has(path) && reach.isFreeOf.some((name) => what === name || what.startsWith(`${name}.`))
    );
    return [
      ...problems,
      ...forbidden.map(({ path, what, line }) =>
        `${(ways.get(path) ?? [path]).join(" imports ")} uses ${what} in line ${line}: ${reach.why}`
      ),
    ];
  });
}

/** Everything reached from a part, each with the shortest way to it. */
function reachedFrom(
  part: string,
  imports: ReadonlyMap<string, readonly Import[]>,
): Map<string, string[]> {
  const starts = [...imports.keys()].filter((path) => path.startsWith(`${part}/`));
  const ways = new Map(starts.map((path) => [path, [path]]));
  const queue = [...starts];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const { to } of imports.get(path) ?? []) {
      if (ways.has(to)) continue;
      ways.set(to, [...ways.get(path) ?? [], to]);
      queue.push(to);
    }
  }
  return ways;
}

function isAllowed(to: string, { files, packages }: Reach): boolean {
  if (!isProject(to)) return packages.some((pattern) => pattern.test(to));
  return files.some((start) => to === start || to.startsWith(`${start}/`));
}
