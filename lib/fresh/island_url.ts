export const ISLAND_PREFIX = "/_fresh/js/";

/** The bundle that every page with islands starts with. */
export const BOOT_FILE = "fresh-runtime.js";

/** Where the browser finds a bundle file (such as `Counter.js`) of a build. */
export function islandUrl(buildId: string, file: string): string {
  return `${ISLAND_PREFIX}${buildId}/${file}`;
}
