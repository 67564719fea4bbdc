/** In which line of a text the problems of a document are. Pure. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { detectFormat } from "./decode_text.ts";
import { formatPath } from "./spec_problem.ts";
import { tomlLines } from "./toml_lines.ts";

/** A problem as far as its place matters. */
export interface PlacedProblem {
  /** Such as `tasks[3].depends_on[0]`. */
  readonly path: string;
  readonly message: string;
}

/** Deepest value that is looked for. */
const MOST_DEPTH = 16;

/**
 * Makes what finds the line of a problem, from 1: the one that its message names, or that of its path,
 * or of the nearest value around it.
 */
export function lineFinder(text: string): (problem: PlacedProblem) => number | undefined {
  const lines = linesOf(text);
  return ({ path, message }) => {
    const named = /^not (?:JSON|TOML|YAML): .*?\bline (\d+)/.exec(message)?.[1];
    return named === undefined ? nearest(lines, path) : Number(named);
  };
}

/** The line of each value, by its path. */
function linesOf(text: string): Map<string, number> {
  if (detectFormat(text) === "toml") return tomlLines(text);
  const counter = new LineCounter();
  const lines = new Map<string, number>();
  try {
    // JSON is YAML as well. What can't be read has its line in the message.
    const document = parseDocument(text, { lineCounter: counter, logLevel: "silent" });
    collect(document.contents, { path: [], lines, counter });
  } catch {
    // Nested too deeply for the library: then nothing is placed.
  }
  return lines;
}

interface Walk {
  readonly path: readonly PropertyKey[];
  readonly lines: Map<string, number>;
  readonly counter: LineCounter;
}

function collect(node: unknown, { path, lines, counter }: Walk): void {
  if (path.length > MOST_DEPTH) return;
  const note = (step: PropertyKey, at: Node | null): PropertyKey[] => {
    const inner = [...path, step];
    if (at?.range) lines.set(formatPath(inner), counter.linePos(at.range[0]).line);
    return inner;
  };
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key)) collect(value, { path: note(String(key.value), key), lines, counter });
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, at) => {
      collect(item, { path: note(at, item as Node | null), lines, counter });
    });
  }
}

/** Climbs from a path to what is around it. Older documents have everything in a table `dag`. */
function nearest(lines: ReadonlyMap<string, number>, path: string): number | undefined {
  for (let rest = path; rest !== ""; rest = rest.replace(/(?:\.?[^.[\]]+|\[[^\]]*\])$/, "")) {
    const line = lines.get(rest) ?? lines.get(`dag.${rest}`);
    if (line !== undefined) return line;
    // A path that no step can be taken off ends the climb.
    if (!/(?:\.?[^.[\]]+|\[[^\]]*\])$/.test(rest)) return undefined;
  }
  return undefined;
}
