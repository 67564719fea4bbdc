/** The tasks of a document that is still being written, for a picture of it. Pure. */
import { decodeText } from "./decode_text.ts";
import { toCanonicalSpelling } from "./dialect.ts";
import { isObject } from "./dialect_fields.ts";
import { checkPlainJson } from "./plain_json.ts";

/** A task as far as it can be made out. */
export interface DraftTask {
  readonly id: string;
  readonly type: string;
  /** Only tasks that there are, and not itself. */
  readonly depends_on: readonly string[];
  /** Its place in the document. */
  readonly path: string;
}

const HEAVIEST = 4 * 1024 * 1024;

/**
 * The tasks of a text whatever else is wrong with it, each id once; none where it can't be read at all
 * or has more than `most`. Never throws.
 */
export function draftTasks(text: string, { most }: { most: number }): DraftTask[] {
  const decoded = decodeText(text);
  if (!decoded.ok || !isObject(decoded.document)) return [];
  if (checkPlainJson(decoded.document, { maxWeight: HEAVIEST }).length > 0) return [];
  const { document } = toCanonicalSpelling(decoded.document, { problems: [], warnings: [] });
  const { tasks } = document;
  if (!Array.isArray(tasks) || tasks.length > most) return [];
  const found = new Map<string, DraftTask>();
  tasks.forEach((task: unknown, at) => {
    if (!isObject(task)) return;
    const { id, type, depends_on } = task;
    if (typeof id !== "string" || id === "" || found.has(id)) return;
    found.set(id, {
      id,
      type: typeof type === "string" ? type : "shell",
      depends_on: Array.isArray(depends_on) ? depends_on.filter(isText) : [],
      path: `tasks[${at}]`,
    });
  });
  return [...found.values()].map((task) => ({
    ...task,
    depends_on: [...new Set(task.depends_on)].filter((id) => id !== task.id && found.has(id)),
  }));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
