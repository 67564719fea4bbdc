/**
 * Several contents of one type as one: a homeserver takes some thirty events a second, whatever is in
 * them, so what waits for its turn travels together.
 */

/** Types whose contents are a list and what goes with it. */
const LISTS: Readonly<Record<string, string>> = {
  "io.cis.task.dispatch": "tasks",
  "io.cis.task.cancel": "tasks",
  "io.cis.task.result": "results",
  "io.cis.task.log": "logs",
};

const encoder = new TextEncoder();

/** What is to be sent, as JSON text. */
export interface Mergeable {
  readonly type: string;
  readonly content: string;
}

/**
 * How many of the first ones fit into one event: those of one type whose contents differ in nothing but
 * their lists.
 * @param limit in bytes
 */
export function countMergeable(items: readonly Mergeable[], limit: number): number {
  const [first] = items;
  if (first === undefined) return 0;
  if (LISTS[first.type] === undefined) return 1;
  const rest = restOf(first);
  let bytes = encoder.encode(first.content).length;
  let count = 1;
  for (const item of items.slice(1)) {
    if (item.type !== first.type || restOf(item) !== rest) break;
    bytes += encoder.encode(item.content).length;
    if (bytes > limit) break;
    count++;
  }
  return count;
}

/** Contents that {@linkcode countMergeable} has found to fit together, as one. */
export function mergeContents(items: readonly Mergeable[]): string {
  const [first] = items;
  if (first === undefined || items.length === 1) return first?.content ?? "{}";
  const list = LISTS[first.type] ?? "";
  const contents = items.map(({ content }) => JSON.parse(content) as Record<string, unknown[]>);
  return JSON.stringify({
    ...contents[0],
    [list]: contents.flatMap((content) => content[list] ?? []),
  });
}

/** All that is beside the list. */
function restOf({ type, content }: Mergeable): string {
  const { [LISTS[type] ?? ""]: _list, ...rest } = JSON.parse(content) as Record<string, unknown>;
  return JSON.stringify(rest);
}
