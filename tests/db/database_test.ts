import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate } from "node:timers";
import { Database, type Tx } from "../../lib/db/database.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

/** A database with a table to write to. */
function openNotes(path = ":memory:", now: () => number = Date.now): Database {
  const db = new Database(path, { now });
  db.writeNow(() => db.run("CREATE TABLE note (text TEXT NOT NULL CHECK (text <> 'bad')) STRICT"));
  return db;
}

function note(db: Database, text: string): (tx: Tx) => number {
  return () => db.run("INSERT INTO note (text) VALUES (?)", text);
}

function notes(db: Database): string[] {
  return db.all<{ text: string }>("SELECT text FROM note ORDER BY rowid").map(({ text }) => text);
}

Deno.test("the writes of one turn are one commit: no effect runs before the last write", async () => {
  using db = openNotes();
  const order: string[] = [];
  await Promise.all(Array.from({ length: 100 }, (_, index) =>
    db.write((tx) => {
      order.push(`write ${index}`);
      tx.afterCommit(() => order.push(`effect ${index}`));
      note(db, `n${index}`)(tx);
    })));
  const range = Array.from({ length: 100 }, (_, index) => index);
  assert.deepEqual(order, [
    ...range.map((index) => `write ${index}`),
    ...range.map((index) => `effect ${index}`),
  ]);
  assert.equal(notes(db).length, 100);
});

Deno.test("the writes of one turn share one time; the next turn has its own", async () => {
  let clock = 1000;
  using db = openNotes(":memory:", () => clock++);
  const times = await Promise.all([db.write((tx) => tx.now), db.write((tx) => tx.now)]);
  const later = await db.write((tx) => tx.now);
  assert.equal(times[0], times[1]);
  assert.notEqual(later, times[0]);
});

Deno.test("a write that throws is undone alone", async () => {
  using db = openNotes();
  const results = await Promise.allSettled([
    db.write(note(db, "first")),
    db.write((tx) => {
      note(db, "half")(tx);
      throw new RangeError("on purpose");
    }),
    db.write(note(db, "bad")),
    db.write(note(db, "last")),
  ]);
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  const [, thrown, checked] = results;
  assert.ok(thrown?.status === "rejected" && thrown.reason instanceof RangeError);
  assert.ok(checked?.status === "rejected");
  assert.match(String(checked.reason), /CHECK constraint failed/);
  assert.deepEqual(notes(db), ["first", "last"]);
});

Deno.test("a write's effects don't run when it throws, its undos do; those of others stay", async () => {
  using db = openNotes();
  const heard: string[] = [];
  const write = (name: string, fails: boolean): Promise<void> =>
    db.write((tx) => {
      tx.afterCommit(() => heard.push(`effect of ${name}`));
      tx.onRollback(() => heard.push(`undo of ${name}`));
      if (fails) throw new Error(name);
    });
  await Promise.allSettled([write("a", false), write("b", true), write("c", false)]);
  assert.deepEqual(heard, ["undo of b", "effect of a", "effect of c"]);
});

Deno.test("promises settle after the commit and its effects", async () => {
  using db = openNotes();
  let told = false;
  await db.write((tx) => tx.afterCommit(() => (told = true)));
  assert.equal(told, true);
});

Deno.test("an effect that throws is told of; the commit and the other effects stand", async () => {
  const errors: unknown[] = [];
  using db = new Database(":memory:", { onEffectError: (error) => errors.push(error) });
  let told = false;
  const value = await db.write((tx) => {
    tx.afterCommit(() => {
      throw new Error("effect");
    });
    tx.afterCommit(() => (told = true));
    return 7;
  });
  assert.equal(value, 7);
  assert.equal(told, true);
  assert.match(String(errors), /effect/);
});

Deno.test("when the commit itself fails, every write fails and every undo runs", async () => {
  using db = new Database(":memory:");
  db.writeNow(() => {
    db.run("CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT");
    db.run(
      "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED) STRICT",
    );
  });
  const undone: string[] = [];
  const heard: string[] = [];
  const results = await Promise.allSettled([
    db.write((tx) => {
      tx.onRollback(() => undone.push("good"));
      tx.afterCommit(() => heard.push("good"));
      db.run("INSERT INTO parent (id) VALUES (1)");
    }),
    db.write((tx) => {
      tx.onRollback(() => undone.push("orphan"));
      // Noticed only by COMMIT.
      db.run("INSERT INTO child (id) VALUES (99)");
    }),
  ]);
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected"]);
  assert.deepEqual(undone.sort(), ["good", "orphan"]);
  assert.deepEqual(heard, []);
  assert.equal(db.all("SELECT * FROM parent").length, 0);
  await db.write(() => db.run("INSERT INTO parent (id) VALUES (2)"));
  assert.equal(db.all("SELECT * FROM parent").length, 1);
});

Deno.test("writeNow commits at once, with what was queued before it", async () => {
  using db = openNotes();
  const queued = db.write(note(db, "queued"));
  assert.equal(db.writeNow(note(db, "now")), 1);
  assert.deepEqual(notes(db), ["queued", "now"]);
  await queued;
});

Deno.test("writeNow throws what the write throws", () => {
  using db = openNotes();
  assert.throws(() => db.writeNow(note(db, "bad")), /CHECK/);
});

Deno.test("writeNow inside a write is an error of that write and harms no other", async () => {
  using db = openNotes();
  const results = await Promise.allSettled([
    db.write(note(db, "before")),
    db.write(() => db.writeNow(note(db, "inner"))),
    db.write(note(db, "after")),
  ]);
  assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  const [, inner] = results;
  assert.ok(inner?.status === "rejected");
  assert.match(String(inner.reason), /may not start another/);
  assert.deepEqual(notes(db), ["before", "after"]);
});

Deno.test("a write queued by an effect or by a write gets into a later commit", async () => {
  using db = openNotes();
  const inner = await db.write((tx) => {
    note(db, "outer")(tx);
    return { later: db.write(note(db, "later")) };
  });
  assert.deepEqual(notes(db), ["outer"]);
  await inner.later;
  assert.deepEqual(notes(db), ["outer", "later"]);
});

Deno.test("closing writes the queue out; later writes are refused", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "x.db");
    const db = openNotes(path);
    const last = db.write(note(db, "last"));
    db.close();
    assert.equal(await last, 1);
    await assert.rejects(db.write(note(db, "too late")), /closed/);
    db.close();
    using again = new Database(path);
    assert.deepEqual(notes(again), ["last"]);
  });
});

Deno.test("nothing behind a NUL is lost: it is kept as its sign, and found by it", () => {
  using db = openNotes();
  const text = "a\u0000b\u0000";
  db.writeNow(note(db, text));
  assert.deepEqual(notes(db), ["a␀b␀"]);
  const query = "SELECT count(*) AS n FROM note WHERE text =";
  assert.equal(db.get<{ n: number }>(`${query} ?`, text)?.n, 1);
  assert.equal(db.getNamed<{ n: number }>(`${query} :text`, { text })?.n, 1);
});

Deno.test("commits are durable: WAL with synchronous=FULL, foreign keys on", async () => {
  await withTempDir((dir) => {
    using db = new Database(join(dir, "x.db"));
    assert.equal(db.get("PRAGMA journal_mode")?.["journal_mode"], "wal");
    assert.equal(db.get("PRAGMA synchronous")?.["synchronous"], 2);
    assert.equal(db.get("PRAGMA foreign_keys")?.["foreign_keys"], 1);
    return Promise.resolve();
  });
});

Deno.test("writes that can wait share commits, and a write that can't takes them along in order", async () => {
  using db = openNotes();
  await db.write(note(db, "0"));
  const told: string[] = [];
  const waiting = ["1", "2", "3"].map((text) =>
    db.write(note(db, text), { canWait: true }).then(() => told.push(text))
  );
  await db.write(note(db, "4"));
  assert.deepEqual(notes(db), ["0", "1", "2", "3", "4"]);
  await Promise.all(waiting);
  assert.deepEqual(told, ["1", "2", "3"]);
});

Deno.test("writes that can wait share a commit over turns of the event loop, unless they are many", async () => {
  let clock = 0;
  using db = openNotes(":memory:", () => ++clock);
  const writeInTurns = async (count: number): Promise<number> => {
    const commits = new Set<number>();
    const writes: Promise<void>[] = [];
    for (let index = 0; index < count; index++) {
      writes.push(db.write((tx) => void commits.add(tx.now), { canWait: true }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(writes);
    return commits.size;
  };
  // Enough turns for several gaps between commits, and still far from one commit for each.
  const few = await writeInTurns(12);
  assert.ok(few < 12, `${few} commits`);
  // No gap is waited for when so many are there.
  const many = await writeInTurns(160);
  assert.ok(many >= 10, `${many} commits`);
});
