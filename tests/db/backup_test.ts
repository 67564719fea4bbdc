/** Copies of a database that is being written to. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { checkCopy, removeUnfinishedCopies } from "../../lib/db/backup.ts";
import { Database } from "../../lib/db/database.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { call, startDag, withNode } from "../helpers/test_node.ts";
import type { BackupAnswer } from "../../lib/schema/backup.ts";

Deno.test("a copy made during writes holds whole transactions, all that came before it", async () => {
  await withTempDir(async (dir) => {
    const db = new Database(join(dir, "cis.db"));
    const add = (n: number): Promise<void> =>
      db.write((tx) => {
        for (const part of ["a", "b"]) {
          db.run(
            "INSERT INTO audit (time, action, target, outcome, detail) VALUES (?,?,?,'done','{}')",
            tx.now,
            part.repeat(2_000),
            String(n),
          );
        }
      });
    for (let n = 0; n < 500; n++) await add(n);
    const path = join(dir, "copy.db");
    let more = 500;
    const copied = db.copyTo(path);
    let isOver = false;
    const over = copied.finally(() => isOver = true);
    do await add(more++); while (!isOver);
    const { schema, bytes } = await copied;
    await over;
    assert.ok(bytes > 2_000_000, String(bytes));
    assert.deepEqual(
      [...Deno.readDirSync(dir)].map(({ name }) => name).filter((n) => /copy/.test(n)),
      [
        "copy.db",
      ],
    );
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    const copy = new DatabaseSync(path, { readOnly: true });
    const rows = copy.prepare("SELECT target, count(*) AS n FROM audit GROUP BY target").all();
    copy.close();
    assert.ok(rows.length >= 500 && rows.length <= more);
    assert.ok(rows.every(({ n }) => n === 2), "no half of a transaction");
    db.close();
    const again = new Database(path);
    assert.deepEqual(again.migrated, [], "the copy has the newest schema");
    assert.equal(again.get<{ user_version: number }>("PRAGMA user_version")?.user_version, schema);
    again.close();
  });
});

Deno.test("a copy never takes the place of a file, and a damaged one is not a copy", async () => {
  await withTempDir(async (dir) => {
    const db = new Database(join(dir, "cis.db"));
    const path = join(dir, "copy.db");
    await Deno.writeTextFile(path, "mine");
    await assert.rejects(db.copyTo(path), /exist/i);
    assert.equal(await Deno.readTextFile(path), "mine");
    await Deno.remove(path);
    await db.copyTo(path);
    db.close();
    const file = await Deno.open(path, { write: true });
    // The second page, where a table begins.
    await file.seek(4_096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(100).fill(7));
    file.close();
    assert.throws(() => checkCopy(path), /damaged|malformed/);
  });
});

Deno.test("POST /backup copies the node's database while it runs, for admins of every scope", async () => {
  await withNode(async ({ node, dataDir, fetch, as }) => {
    const { run_id } = await startDag(fetch, {
      dag_id: "d",
      scope: { type: "global" },
      tasks: [{ id: "a", type: "skill", skill: "nobody-has-it" }],
    });
    const answer = await call<BackupAnswer>(fetch, "/api/v1/backup", { method: "POST" });
    assert.ok(answer.path.startsWith(join(dataDir, "backups")));
    const copy = new DatabaseSync(answer.path, { readOnly: true });
    assert.equal(copy.prepare("SELECT run_id FROM dag_runs").get()?.["run_id"], run_id);
    copy.close();
    const token = await as(["admin"], { scopes: ["project:abc"] });
    assert.equal((await fetch("/api/v1/backup", { method: "POST", token })).status, 403);
    assert.equal(node.isReady, true);
  });
});

Deno.test("what a copy that was cut off has left is removed, and whole copies stay", async () => {
  await withTempDir((dir) => {
    const left = ["cis-1.db.part", "cis-1.db.part-journal", "cis-1.db.part-wal"];
    const kept = ["cis-0.db", "notes.part", "cis-1.db.part.txt"];
    for (const name of [...left, ...kept]) Deno.writeTextFileSync(join(dir, name), "x");
    removeUnfinishedCopies(dir);
    assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), kept.sort());
    removeUnfinishedCopies(join(dir, "there-is-none"));
    return Promise.resolve();
  });
});
