import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { FsFile, FsKind, FsModule } from "./fs_routes.ts";
import { fileToPattern } from "./pattern.ts";

const SOURCE = /\.[jt]sx?$/;
const SPECIAL: Record<string, FsKind> = {
  _app: "app",
  _middleware: "middleware",
  _layout: "layout",
  _error: "error",
  _500: "error",
  _404: "notFound",
};
const KIND_ORDER: FsKind[] = ["app", "notFound", "middleware", "layout", "error", "route"];

interface Crawled {
  /** Path below the routes folder, without its extension. */
  id: string;
  file: FsFile;
}

/** The source files below `dir`, absolute; none when it isn't there. */
export function sourceFiles(dir: string, ignore: RegExp[]): string[] {
  return walk(dir).filter((path) => isSource(path) && !ignore.some((re) => re.test(path)));
}

export function isSource(path: string): boolean {
  return SOURCE.test(path);
}

/** Every file below `dir`, absolute, in a stable order; none when it isn't there. */
export function walk(dir: string, skip: (dir: string) => boolean = () => false): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(dir)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (!entry.isDirectory) return [path];
    return skip(path) ? [] : walk(path, skip);
  });
}

/**
 * Reads the shape of `routes/`: the files in the order of their registration, and the
 * islands in `(_islands)` folders. Modules are loaded later, by what needs them.
 */
export function crawlRoutes(dir: string, ignore: RegExp[]): { files: FsFile[]; islands: string[] } {
  const islands: string[] = [];
  const routes: Crawled[] = [];
  for (const path of sourceFiles(dir, ignore)) {
    const id = relative(dir, path).replaceAll("\\", "/").replace(SOURCE, "");
    const aside = /(?:^|\/)\((_[^/]*)\)\//.exec(id);
    if (aside === null) routes.push({ id, file: toFile(id, path) });
    else if (aside[1] === "_islands") islands.push(path);
  }
  return { files: routes.sort(byPrecedence).map(({ file }) => file), islands };
}

/** Whether the module must be read at start-up: special files, and routes that set their URL. */
export function isEager(file: FsFile): boolean {
  return file.kind !== "route" || Deno.readTextFileSync(file.path).includes("routeOverride");
}

function toFile(id: string, path: string): FsFile {
  const folder = id.split("/").slice(0, -1).join("/");
  const kind = SPECIAL[id.slice(folder === "" ? 0 : folder.length + 1)] ?? "route";
  const url = pathToFileURL(path).href;
  return {
    kind,
    path,
    scope: fileToPattern(`${folder}/index`, { keepGroups: true }),
    pattern: kind === "route" ? fileToPattern(id) : "",
    module: null,
    load: async (): Promise<FsModule> => await import(url),
  };
}

function byPrecedence(a: Crawled, b: Crawled): number {
  const kind = KIND_ORDER.indexOf(a.file.kind) - KIND_ORDER.indexOf(b.file.kind);
  if (kind !== 0) return kind;
  const left = segmentsOf(a.id);
  const right = segmentsOf(b.id);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = "", y = ""] = [left[i], right[i]];
    const rank = rankOf(x) - rankOf(y);
    if (rank !== 0) return rank;
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

function segmentsOf(id: string): string[] {
  return id.split("/").filter((part) => !(part.startsWith("(") && part.endsWith(")")));
}

/** Static before partly dynamic, before `[param]`, before `[[optional]]`, before `[...rest]`. */
function rankOf(segment: string): number {
  if (!segment.includes("[")) return 0;
  if (segment.startsWith("[...")) return 4;
  if (segment.startsWith("[[")) return 3;
  return /^\[[^\[\]]+\]$/.test(segment) ? 2 : 1;
}
