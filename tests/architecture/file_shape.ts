/** How files are named, and how long they may get. */
import type { Source } from "./module_graph.ts";

/** A file has fewer lines than this. */
export const MOST_LINES = 350;

/** Longer ones, each with the reason why it is one duty all the same. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  "lib/api/client.ts": "one short method for each endpoint, and nothing else",
};

const NO_NAMES = /^(utils?|common|types?|helpers?|misc|shared)$/;

/** Names that say nothing about what is inside. */
export function nameProblems(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path }) =>
    path.split("/").map((part) => part.replace(/\.tsx?$/, "")).filter((part) => NO_NAMES.test(part))
      .map((part) => `${path} is named "${part}": a file is named after the one thing in it`)
  );
}

/** Files that are too long, and exceptions that are none any more. */
export function sizeProblems(
  sources: readonly Source[],
  exceptions: Readonly<Record<string, string>> = LONG_FILES,
): string[] {
  const lines = new Map(sources.map(({ path, text }) => [path, text.trimEnd().split("\n").length]));
  const tooLong = [...lines].filter(([path, count]) =>
    count >= MOST_LINES && !Object.hasOwn(exceptions, path)
  );
  const needless = Object.keys(exceptions).filter((path) => (lines.get(path) ?? 0) < MOST_LINES);
  return [
    ...tooLong.map(([path, count]) =>
      `${path} has ${count} lines: it stays under ${MOST_LINES}, or says in ` +
      `tests/architecture/file_shape.ts why it doesn't`
    ),
    ...needless.map((path) =>
      `${path} is short or gone: take it off the list in tests/architecture/file_shape.ts`
    ),
  ];
}

/** One line for each exception, so that it stays in sight. */
export function longFiles(sources: readonly Source[]): string[] {
  return sources.filter(({ path }) => Object.hasOwn(LONG_FILES, path))
    .map(({ path, text }) => `${path} (${text.trimEnd().split("\n").length}): ${LONG_FILES[path]}`);
}
