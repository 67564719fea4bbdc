/** What errors of SQLite mean for people. Deno gives no result codes along, so the text decides. */

const ADVICE: readonly (readonly [said: RegExp, advice: string])[] = [
  [
    /database disk image is malformed|file is not a database|malformed database schema/,
    "restore a backup, or name another directory with --data-dir",
  ],
  [/readonly database|unable to open database/, "make it and its directory writable"],
  [/database is locked/, "end what else has it open"],
  [/disk is full/, "make room on the disk"],
];

/** Whether an error comes from SQLite. */
export function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

/** What a person can do about an error of SQLite; undefined where it doesn't say. */
export function databaseAdvice(error: unknown): string | undefined {
  if (!isDatabaseError(error)) return undefined;
  return ADVICE.find(([said]) => said.test(error.message))?.[1];
}
