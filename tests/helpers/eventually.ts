/** Waiting for what no signal tells of: what another process, or a homeserver, does. */

const LOOK_MS = 15;
const { setTimeout } = globalThis;

/** Looks until something is true, but not for ever. @returns what it became */
export async function eventually<T>(
  look: () => T | Promise<T>,
  what: string,
  ms = 15_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) {
      return seen as NonNullable<Exclude<T, false>>;
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
