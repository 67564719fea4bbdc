import assert from "node:assert/strict";
import { join } from "node:path";
import { chunkOf, LogFixture, WORKER } from "../helpers/log_fixture.ts";
import { withTempDir } from "../helpers/temp_dir.ts";

Deno.test("lines are numbered on over runs, and come back in their order", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["a", "", "b"]), chunkOf(["x"], { run: "run-2", stream: "stderr" }));
  await fixture.keep(chunkOf(["c"], { first: 4, attempt: 1, time: 2_000 }));
  assert.deepEqual(fixture.logs.read({ runId: "run-1" }, { after: 0, limit: 100 }), [
    ...["a", "", "b"].map((text, index) => ({
      seq: index + 1,
      time: "1970-01-01T00:00:01.000Z",
      task_id: "task",
      attempt: 1,
      stream: "stdout",
      text,
    })),
    {
      seq: 5,
      time: "1970-01-01T00:00:02.000Z",
      task_id: "task",
      attempt: 1,
      stream: "stdout",
      text: "c",
    },
  ]);
  assert.deepEqual(
    fixture.logs.read({ runId: "run-2" }, { after: 0, limit: 100 }).map(({ seq }) => seq),
    [4],
  );
});

Deno.test("reading goes on behind any line, within a chunk too", async () => {
  using fixture = new LogFixture();
  await fixture.keep(
    chunkOf(["1", "2", "3"]),
    chunkOf(["other"], { task: "b" }),
    chunkOf(["4"], { first: 4 }),
  );
  const all = fixture.logs.read({ runId: "run-1", taskId: "task" }, { after: 0, limit: 100 });
  assert.deepEqual(all.map(({ text }) => text), ["1", "2", "3", "4"]);
  for (const [index, { seq }] of all.entries()) {
    for (let limit = 1; limit <= 4; limit++) {
      const rest = fixture.logs.read({ runId: "run-1", taskId: "task" }, { after: seq, limit });
      assert.deepEqual(rest, all.slice(index + 1, index + 1 + limit));
    }
  }
});

Deno.test("what is sent again is kept once, however it is cut", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["1", "2"]));
  await fixture.keep(chunkOf(["1", "2"]), chunkOf(["1"]), chunkOf(["2"], { first: 2 }));
  await fixture.keep(chunkOf(["1", "2", "3", "4"]));
  await fixture.keep(chunkOf(["4", "5"], { first: 4 }), chunkOf(["forged"], { first: 3 }));
  assert.deepEqual(fixture.texts(), ["1", "2", "3", "4", "5"]);
  await fixture.keep(chunkOf(["of the next attempt"], { attempt: 2 }));
  assert.equal(fixture.texts().length, 6);
});

Deno.test("the last lines are found without reading the rest", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["1", "2"]), chunkOf(["3", "4", "5"], { first: 3 }));
  for (let limit = 1; limit <= 6; limit++) {
    const tail = fixture.logs.tail({ runId: "run-1" }, limit).map(({ text }) => text);
    assert.deepEqual(tail, ["1", "2", "3", "4", "5"].slice(-limit));
  }
});

Deno.test("a number is given once, also when everything was removed before a restart", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "cis.db");
    {
      using fixture = new LogFixture(path);
      await fixture.keep(chunkOf(["1", "2", "3"]));
      await fixture.db.write(() => fixture.db.run("DELETE FROM log_chunks"));
      assert.equal(fixture.logs.bytes(), 0);
    }
    using fixture = new LogFixture(path);
    await fixture.keep(chunkOf(["4"], { run: "run-2" }));
    assert.equal(fixture.logs.tail({ runId: "run-2" }, 1)[0]?.seq, 4);
  });
});

Deno.test("followers of a run are woken after the commit, and others are not", async () => {
  using fixture = new LogFixture();
  const seen: string[][] = [];
  const stop = fixture.logs.subscribe({ runId: "run-1" }, () => seen.push(fixture.texts()));
  let others = 0;
  fixture.logs.subscribe({ runId: "run-2" }, () => others++);
  fixture.logs.subscribe({ workerId: WORKER }, () => others++);
  await fixture.keep(chunkOf(["1"]));
  assert.deepEqual([seen, others], [[["1"]], 0]);
  await fixture.db.write((tx) => {
    fixture.logs.append(tx, WORKER, chunkOf(["2"], { first: 2 }));
    throw new Error("undone");
  }).catch(() => {});
  assert.deepEqual(seen, [["1"]]);
  stop();
  await fixture.keep(chunkOf(["2"], { first: 2 }));
  assert.equal(seen.length, 1);
});

Deno.test("a NUL in a line hides nothing behind it", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["a\0b", "c"]));
  assert.deepEqual(fixture.texts(), ["a␀b", "c"]);
});

Deno.test("a worker's own lines are its own, and too long ones don't make too large chunks", async () => {
  using fixture = new LogFixture();
  const long = "x".repeat(100_000);
  await fixture.db.write((tx) => fixture.logs.appendOfWorker(tx, "w", ["one", long, "with\nend"]));
  await fixture.keep(chunkOf(["of a task"]));
  const lines = fixture.logs.read({ workerId: "w" }, { after: 0, limit: 10 });
  assert.deepEqual(lines.map(({ text }) => text.slice(0, 40)), ["one", "x".repeat(40), "with end"]);
  assert.deepEqual(lines.map(({ stream, task_id }) => [stream, task_id])[0], ["stderr", ""]);
  const most = fixture.db.get<{ most: number }>(
    "SELECT max(octet_length(text)) AS most FROM log_chunks",
  );
  assert.ok((most?.most ?? Infinity) < 48 * 1024);
});

Deno.test("the size that is kept is the sum of what is there", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["äöü", "😀"]), chunkOf(["x"], { first: 3 }));
  assert.equal(fixture.logs.bytes(), 6 + 1 + 4 + 1 + 2 * 300);
});
