import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../lib/db/database.ts";
import { LogStore } from "../../lib/scheduler/log_store.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

const FIRST = new URL("../../lib/db/migrations/001_initial.sql", import.meta.url);

const ROWS = [
  ["r", "a", 1, 1, "w", 1000, "stdout", "one"],
  ["r", "a", 1, 2, "w", 1001, "stderr", "two"],
  [null, null, null, null, "w", 900, "stderr", "of the worker"],
  ["r", "b", 2, 1, "w", 1002, "stdout", "with\nan end"],
  ["r", "b", 2, 2, "w", 1003, "stdout", "removed again"],
];

Deno.test("output of an earlier version is kept, with its numbers", async () => {
  await withTempDir((dir) => {
    const path = join(dir, "cis.db");
    const old = new DatabaseSync(path);
    old.exec(Deno.readTextFileSync(FIRST));
    const insert = old.prepare(
      `INSERT INTO log_lines (run_id, task_id, attempt, line, worker_id, time, stream, text)
       VALUES (?,?,?,?,?,?,?,?)`,
    );
    for (const row of ROWS) insert.run(...row);
    old.exec("DELETE FROM log_lines WHERE text = 'removed again'; PRAGMA user_version = 1");
    old.close();

    using db = new Database(path);
    const logs = new LogStore(db);
    const read = (taskId: string): unknown[] =>
      logs.read({ runId: "r", taskId }, { after: 0, limit: 10 })
        .map((
          { seq, attempt, stream, text, time },
        ) => [seq, attempt, stream, text, Date.parse(time)]);
    assert.deepEqual(read("a"), [[1, 1, "stdout", "one", 1000], [2, 1, "stderr", "two", 1001]]);
    assert.deepEqual(read("b"), [[4, 2, "stdout", "with an end", 1002]]);
    assert.equal(logs.tail({ workerId: "w" }, 1)[0]?.text, "of the worker");
    assert.equal(logs.bytes(), 4 * 300 + 3 + 3 + 13 + 11);
    // The number of the removed line is not given again, and what is sent again is known.
    db.writeNow((tx) => {
      const chunk = {
        run_id: "r",
        task_id: "a",
        attempt: 1,
        lease: "l",
        time: 1,
        runs: [[0, 2, 0]] as const,
      };
      logs.append(tx, "w", { ...chunk, first_line: 2, text: "two\nthree" });
    });
    assert.deepEqual(read("a").at(-1), [6, 1, "stdout", "three", 1]);
    assert.equal(db.get("SELECT 1 FROM sqlite_schema WHERE name = 'log_lines'"), undefined);
    return Promise.resolve();
  });
});
