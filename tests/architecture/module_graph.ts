/** Who imports whom, as `deno info --json` tells it. */
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** One import of one file. */
export interface Import {
  /** Path of the importing file from the root of the project. */
  readonly from: string;
  /** What is imported: a path from the root, or such as `npm:zod@^4.6`, `node:path`. */
  readonly to: string;
  /** As it is written in the file. */
  readonly specifier: string;
  /** Nothing of it is there at run time. */
  readonly isType: boolean;
}

/** A file of the project. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** All modules of the project itself, tests apart. */
export function readSources(): Source[] {
  const paths = ["main.ts", "cli.ts", ...["lib", "routes", "islands"].flatMap(modulesBelow)];
  return paths.map((path) => ({ path, text: Deno.readTextFileSync(join(ROOT, path)) }));
}

function modulesBelow(dir: string): string[] {
  return [...Deno.readDirSync(join(ROOT, dir))].flatMap(({ name, isDirectory }) => {
    const path = `${dir}/${name}`;
    if (isDirectory) return modulesBelow(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

/** Every import of these files. @throws {Error} when Deno can't resolve one of them */
export async function readImports(sources: readonly Source[]): Promise<Import[]> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const urls = sources.map(({ path }) => pathToFileURL(join(ROOT, path)).href);
    await Deno.writeTextFile(entry, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const own = new Set(sources.map(({ path }) => path));
    return importsOf(await denoInfo(entry)).filter(({ from }) => own.has(from));
  } finally {
    await Deno.remove(entry);
  }
}

async function denoInfo(entry: string): Promise<Info> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", join(ROOT, "deno.json"), entry],
    cwd: ROOT,
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`deno info failed: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

function importsOf({ modules }: Info): Import[] {
  return modules.flatMap(({ specifier: module, error, dependencies = [] }) => {
    if (error !== undefined) throw new Error(`${module}: ${error}`);
    return dependencies.flatMap(({ specifier, code, type }) => {
      const to = code?.specifier ?? type?.specifier;
      if (to === undefined) throw new Error(`${module}: "${specifier}" leads nowhere`);
      const isType = code?.specifier === undefined;
      return [{ from: pathOf(module), to: pathOf(to), specifier, isType }];
    });
  });
}

function pathOf(specifier: string): string {
  if (!specifier.startsWith("file:")) return specifier;
  return relative(ROOT, fileURLToPath(specifier));
}
