/** Query parameter that ties an asset's address to one build. */
export const BUILD_KEY = "__frsh_c";

let buildId = "";

/** Called once per render on the server and once at boot in the browser. */
export function setBuildId(id: string): void {
  buildId = id;
}

export function currentBuildId(): string {
  return buildId;
}

/** The address of a static file of this build; it may be cached for a year. */
export function asset(path: string): string {
  if (buildId === "" || !path.startsWith("/") || path.startsWith("//")) {
    return path;
  }
  const url = new URL(path, "http://localhost");
  if (url.searchParams.has(BUILD_KEY)) return path;
  url.searchParams.set(BUILD_KEY, buildId);
  return url.pathname + url.search + url.hash;
}

/** Applies {@linkcode asset} to every address in a `srcset`. */
export function assetSrcSet(srcset: string): string {
  if (srcset.includes("(")) return srcset; // not a plain list of addresses
  return srcset.split(",").map((part) => part.replace(/\S+/, asset)).join(",");
}
