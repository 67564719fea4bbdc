/** Brings a database to the newest schema: numbered SQL files, each in one transaction. */
import type { DatabaseSync } from "node:sqlite";

/** A database that this version must not touch, e.g. one written by a newer version. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

interface Migration {
  readonly number: number;
  readonly name: string;
}

const FOLDER = new URL("./migrations/", import.meta.url);

/** The migrations of this version, in order. */
function listMigrations(): Migration[] {
  const names = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name)
    .filter((name) => /^\d{3}_.*\.sql$/.test(name)).sort();
  return names.map((name) => ({ number: Number(name.slice(0, 3)), name }));
}

/**
 * Applies what is missing. `PRAGMA user_version` holds the number of the last applied migration.
 * @returns the names of the migrations applied now
 * @throws {SchemaError} when the database comes from a newer version
 */
export function migrate(sql: DatabaseSync): string[] {
  const migrations = listMigrations();
  const newest = migrations.at(-1)?.number ?? 0;
  const row = sql.prepare("PRAGMA user_version").get() as { user_version: number };
  const current = row.user_version;
  if (current > newest) {
    throw new SchemaError(
      `it has schema ${current}, this version knows up to ${newest}: ` +
        "it was written by a newer version; start that one, or restore a backup",
    );
  }
  const missing = migrations.filter((migration) => migration.number > current);
  for (const migration of missing) {
    sql.exec("BEGIN IMMEDIATE");
    try {
      sql.exec(Deno.readTextFileSync(new URL(migration.name, FOLDER)));
      sql.exec(`PRAGMA user_version = ${migration.number}`);
      sql.exec("COMMIT");
    } catch (error) {
      sql.exec("ROLLBACK");
      throw new SchemaError(`migration ${migration.name} failed: ${String(error)}`, {
        cause: error,
      });
    }
  }
  return missing.map((migration) => migration.name);
}
