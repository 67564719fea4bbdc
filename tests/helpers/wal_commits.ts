/** Counting commits in SQLite's write-ahead log (https://sqlite.org/fileformat2.html#walformat). */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** How many transactions a log holds. A frame that ends one says how many pages the file then has. */
export function walCommits(path: string): number {
  const bytes = Deno.readFileSync(path);
  if (bytes.length < HEADER_BYTES) return 0;
  const view = new DataView(bytes.buffer);
  const frameBytes = FRAME_HEADER_BYTES + view.getUint32(8);
  const salt = view.getBigUint64(16);
  let commits = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= bytes.length; at += frameBytes) {
    // Frames of an earlier round of the log have other salts.
    if (view.getBigUint64(at + 8) !== salt) break;
    if (view.getUint32(at + 4) > 0) commits++;
  }
  return commits;
}
