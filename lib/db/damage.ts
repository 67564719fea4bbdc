/** Telling a broken database file from other failures. */

/** What SQLite says of a file that is broken (SQLITE_CORRUPT) or not a database (SQLITE_NOTADB). */
const SAID = /database disk image is malformed|file is not a database|malformed database schema/;

/** Whether an error says that the database file itself is broken. */
export function saysDamaged(error: unknown): boolean {
  // Deno's node:sqlite gives no result code along, so the text has to do.
  return error instanceof Error && SAID.test(error.message);
}
