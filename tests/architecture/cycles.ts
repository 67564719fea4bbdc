/** Files that import each other in a circle. */
import type { Import } from "./module_graph.ts";
import { isProject } from "./layers.ts";

/**
 * One problem for each circle, by its shortest way round. Types count too, since who reads one file
 * has to read the other; but not in `lib/fresh`, where a context knows its route and a route its
 * context because upstream's types do.
 */
export function cycleProblems(imports: readonly Import[]): string[] {
  const counted = imports.filter(({ from, to, isType }) =>
    isProject(to) && !(isType && from.startsWith("lib/fresh/"))
  );
  const next = Map.groupBy(counted, ({ from }) => from);
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const start of next.keys()) {
    const way = wayBack(start, next);
    if (way === undefined) continue;
    const key = [...way].sort().join();
    if (seen.has(key)) continue;
    seen.add(key);
    problems.push(`${[...way, start].join(" imports ")}: imports don't go in circles`);
  }
  return problems;
}

/** The shortest way from a file over its imports back to itself. */
function wayBack(start: string, next: ReadonlyMap<string, Import[]>): string[] | undefined {
  const ways: string[][] = [[start]];
  const visited = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const { to } of next.get(way.at(-1) ?? start) ?? []) {
      if (to === start) return way;
      if (visited.has(to)) continue;
      visited.add(to);
      ways.push([...way, to]);
    }
  }
  return undefined;
}
