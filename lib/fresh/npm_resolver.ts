import { findPackageJSON } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OnResolveResult, Plugin } from "esbuild";

/** A package in Deno's cache, and what of it is meant: `.` or `./hooks`. */
interface Wanted {
  dir: string;
  name: string;
  subpath: string;
}

const BARE = /^(?:npm:|@?[a-z0-9~][\w.~-]*(?:\/|$))/i;
const NPM = /^npm:\/?(?:@[^/]+\/[^/@]+|[^/@]+)(?:@[^/]+)?(?<path>\/.*)?$/;
/** Marks a question to esbuild itself, which the plugin must not answer. */
const ASIDE = Symbol();

/**
 * Lets esbuild find packages the way Deno does: through the import map and Deno's package
 * cache, without a `node_modules` folder.
 */
export function npmResolver(): Plugin {
  return {
    name: "deno-npm",
    setup(build): void {
      build.onResolve({ filter: BARE }, async ({ path, importer, kind, pluginData }) => {
        if (kind === "entry-point" || pluginData === ASIDE) return null;
        // One Preact for all: two copies would not see each other's hooks.
        const shared = path === "preact" || path.startsWith("preact/");
        const owned = !shared && await owningPackage(importer) !== null;
        const wanted = owned ? await fromPackage(path, importer) : await fromProject(path);
        if ("path" in wanted) return wanted;
        // Asked from inside a package for that package, esbuild reads its `exports` and all
        // the other fields that decide what a browser gets.
        const { dir, name, subpath } = wanted;
        const ask = (what: string): Promise<OnResolveResult> =>
          build.resolve(what, { resolveDir: dir, kind, pluginData: ASIDE });
        const found = await ask(name + subpath.slice(1));
        return found.errors?.length === 0 ? found : await ask(subpath);
      });
    },
  };
}

/** An import in the project's own code, through its import map. */
async function fromProject(specifier: string): Promise<Wanted | { path: string }> {
  const path = fileURLToPath(await resolveInstalled(specifier));
  const found = await owningPackage(path);
  if (found === null) return { path };

  const npm = NPM.exec(specifier)?.groups;
  if (npm !== undefined) return { ...found, subpath: `.${npm.path ?? ""}` };
  const { name } = found;
  // Under another name in the import map, what the server uses is what there is.
  if (specifier !== name && !specifier.startsWith(`${name}/`)) return { path };
  return { ...found, subpath: `.${specifier.slice(name.length)}` };
}

/** An import inside a package: its own dependencies, at the versions Deno chose for it. */
async function fromPackage(specifier: string, importer: string): Promise<Wanted> {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const manifest = findPackageJSON(name, pathToFileURL(importer).href);
  if (manifest === undefined) {
    throw new Error(`The package "${name}" is not installed; ${importer} imports it.`);
  }
  const dir = dirname(manifest);
  const own = await readPackage(dir);
  return { dir, name: own?.name ?? name, subpath: `.${specifier.slice(name.length)}` };
}

/** Resolves to a file URL; a package that was not loaded yet is loaded for it. */
async function resolveInstalled(specifier: string): Promise<string> {
  const resolved = import.meta.resolve(specifier);
  if (resolved.startsWith("file:")) return resolved;
  if (!resolved.startsWith("npm:")) {
    throw new Error(`"${specifier}" is ${resolved}; islands can import npm packages and files.`);
  }
  await import(resolved);
  return import.meta.resolve(specifier);
}

/** The package a file belongs to, or null for the project's own files. */
async function owningPackage(file: string): Promise<{ dir: string; name: string } | null> {
  if (!file.includes(`${sep}node_modules${sep}`) && !file.includes(`${sep}npm${sep}`)) return null;
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    const { name, version } = await readPackage(dir) ?? {};
    if (name === undefined || version === undefined) continue;
    // Packages have smaller package.json files inside; the root is in a folder of its name.
    const path = dir.replaceAll("\\", "/");
    if (path.endsWith(`/node_modules/${name}`) || path.includes(`/${name}/${version}`)) {
      return { dir, name };
    }
  }
  return null;
}

async function readPackage(dir: string): Promise<{ name?: string; version?: string } | null> {
  try {
    return JSON.parse(await Deno.readTextFile(join(dir, "package.json")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
