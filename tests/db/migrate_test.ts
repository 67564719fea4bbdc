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

Deno.test("a paused run of an earlier schema stays paused, and what ended keeps its order", async () => {
  await withTempDir((dir) => {
    const path = join(dir, "x.db");
    const raw = new DatabaseSync(path);
    const first = new URL("../../lib/db/migrations/001_initial.sql", import.meta.url);
    raw.exec(Deno.readTextFileSync(first));
    raw.exec(`PRAGMA user_version = 1;
      INSERT INTO tokens (token_id, name, secret_hash, roles, created_at)
        VALUES ('t', 't', 'h', '[]', 0);
      INSERT INTO dag_specs (dag_id, version, spec_hash, scope_type, priority, spec_json,
          scope_source, warnings, tasks_count, status, published_by, published_at, expires_at,
          decided_by, decided_at, run_id)
        VALUES ('d', 1, '${"0".repeat(64)}', 'Global', 'medium', '{}', 'spec', '[]', 3, 'confirmed',
          't', 0, 1, 't', 1, 'r');
      INSERT INTO dag_runs (run_id, dag_id, version, scope_type, status, priority, node_id, worker_id,
          triggered_by, created_at, total_tasks)
        VALUES ('r', 'd', 1, 'Global', 'paused', 'medium', 'n', 'w', 'confirm', 0, 3);
      INSERT INTO task_runs (run_id, task_index, task_id, status, finished_at)
        VALUES ('r', 0, 'a', 'completed', 20), ('r', 1, 'b', 'completed', 10),
          ('r', 2, 'c', 'pending', NULL);`);
    raw.close();
    using db = new Database(path);
    assert.equal(db.get<{ held: number }>("SELECT held FROM dag_runs")?.held, 1);
    const rows = db.all<{ ended_seq: number | null }>(
      "SELECT ended_seq FROM task_runs ORDER BY task_index",
    );
    assert.deepEqual(rows.map(({ ended_seq }) => ended_seq), [2, 1, null]);
    return Promise.resolve();
  });
});
