import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../lib/db/database.ts";
import { SchemaError } from "../../lib/db/migrate.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

function schemaOf(db: Database): unknown {
  return db.all("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
}

Deno.test("a fresh file gets every migration, an up-to-date one gets none", async () => {
  await withTempDir((dir) => {
    const path = join(dir, "x.db");
    const files = [...Deno.readDirSync(new URL("../../lib/db/migrations", import.meta.url))]
      .map(({ name }) => name).sort();
    const fresh = new Database(path);
    assert.deepEqual(fresh.migrated, files);
    const schema = schemaOf(fresh);
    fresh.close();
    using again = new Database(path);
    assert.deepEqual(again.migrated, []);
    assert.deepEqual(schemaOf(again), schema);
    return Promise.resolve();
  });
});

Deno.test("no two migrations have one number: of those, an older database would miss one", () => {
  const numbers = [...Deno.readDirSync(new URL("../../lib/db/migrations", import.meta.url))]
    .map(({ name }) => name.slice(0, 3));
  assert.deepEqual([...new Set(numbers)].sort(), numbers.sort());
});

Deno.test("a database of a newer version is refused and left as it is", async () => {
  await withTempDir((dir) => {
    const path = join(dir, "x.db");
    new Database(path).close();
    const raw = new DatabaseSync(path);
    raw.exec("PRAGMA user_version = 999; CREATE TABLE from_the_future (x)");
    raw.close();
    const before = Deno.readFileSync(path);
    assert.throws(() => new Database(path), (error) => {
      assert.ok(error instanceof SchemaError);
      assert.match(error.message, /schema 999.*newer version/);
      return true;
    });
    assert.deepEqual(Deno.readFileSync(path), before);
    return Promise.resolve();
  });
});

Deno.test("a file that is no database is refused", async () => {
  await withTempDir((dir) => {
    const path = join(dir, "x.db");
    Deno.writeTextFileSync(path, "this is not SQLite, however long it may be. ".repeat(100));
    assert.throws(() => new Database(path), /not a database/);
    return Promise.resolve();
  });
});

Deno.test("a migration that fails leaves nothing behind", async () => {
  await withTempDir((dir) => {
    const path = join(dir, "x.db");
    const raw = new DatabaseSync(path);
    // Stands in the way of a table of the first migration.
    raw.exec("CREATE TABLE room_events (x)");
    raw.close();
    assert.throws(() => new Database(path), SchemaError);
    const after = new DatabaseSync(path);
    const names = after.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    assert.deepEqual(names.map((row) => row["name"]), ["room_events"]);
    assert.equal(after.prepare("PRAGMA user_version").get()?.["user_version"], 0);
    after.close();
    return Promise.resolve();
  });
});

Deno.test("every table is STRICT", () => {
  using db = new Database(":memory:");
  const loose = db.all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0")
    .map(({ name }) => String(name)).filter((name) => !name.startsWith("sqlite_"));
  assert.deepEqual(loose, []);
});
