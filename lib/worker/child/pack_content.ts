/** Event contents of many items: packed so that each stays below what a homeserver takes. */

/** As in lib/schema/room_events.ts, which a worker doesn't load at run time for zod's sake. */
export const MAX_CONTENT_BYTES = 48 * 1024;
/** As there, too. */
export const CONTENT_VERSION = 1;

/** Room for what surrounds the items: version, name of the list, brackets. */
const ENVELOPE_BYTES = 64;

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Packs items, each a JSON text with something that goes with it, into groups that fit an event. */
export function packItems<T extends { readonly json: string }>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const item of items) {
    const size = byteLength(item.json) + 1;
    if (group.length > 0 && bytes + size > MAX_CONTENT_BYTES) {
      groups.push(group);
      group = [];
      bytes = ENVELOPE_BYTES;
    }
    group.push(item);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/** A content with one list: `{"v":1,"results":[…]}`. */
export function listContent(name: string, items: readonly { readonly json: string }[]): string {
  return `{"v":${CONTENT_VERSION},"${name}":[${items.map((item) => item.json).join(",")}]}`;
}
