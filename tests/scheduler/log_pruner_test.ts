import assert from "node:assert/strict";
import { LogPruner } from "../../lib/scheduler/log_pruner.ts";
import { chunkOf, LogFixture } from "../helpers/log_fixture.ts";

const DAY = 24 * 60 * 60 * 1000;

function prunerOf(
  { db, logs }: LogFixture,
  limits: { retentionDays?: number; maxBytes?: number },
): LogPruner {
  const { retentionDays = null, maxBytes = null } = limits;
  return new LogPruner({ db, logs, retentionDays, maxBytes, report: assert.fail });
}

Deno.test("what is older than the retention goes, and a line says so in its place", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["1", "2"]), chunkOf(["other run"], { run: "run-2" }));
  await fixture.keep(chunkOf(["3"], { first: 3 }));
  fixture.now += 2 * DAY + 1;
  await fixture.keep(chunkOf(["4", "5"], { first: 4 }));
  assert.equal(await prunerOf(fixture, { retentionDays: 2 }).runOnce(), 4);
  assert.deepEqual(fixture.texts(), ["[3 lines removed here: older than 2 days]", "4", "5"]);
  assert.deepEqual(fixture.texts("run-2"), ["[1 line removed here: older than 2 days]"]);
  // Where a follower was does not matter: numbers only grow, and it is told as well.
  const seqs = fixture.logs.read({ runId: "run-1" }, { after: 1, limit: 9 }).map(({ seq }) => seq);
  assert.deepEqual(seqs, [4, 5, 6]);
});

Deno.test("what is removed later is counted in the same line", async () => {
  using fixture = new LogFixture();
  const pruner = prunerOf(fixture, { retentionDays: 1 });
  for (let first = 1; first <= 4; first++) {
    await fixture.keep(chunkOf([String(first)], { first }));
    fixture.now += DAY / 2;
  }
  const removed: number[] = [];
  for (let round = 0; round < 4; round++) {
    removed.push(await pruner.runOnce());
    fixture.now += DAY / 2;
  }
  assert.deepEqual(removed, [2, 1, 1, 0]);
  assert.deepEqual(fixture.texts(), ["[4 lines removed here: older than 1 day]"]);
  // Nor is there more to do for another pruner, as after a restart.
  assert.equal(await prunerOf(fixture, { retentionDays: 1 }).runOnce(), 0);
});

Deno.test("what is sent again after it was removed doesn't come back", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["1", "2"]));
  fixture.now += 2 * DAY;
  await prunerOf(fixture, { retentionDays: 1 }).runOnce();
  await fixture.keep(chunkOf(["1", "2"]), chunkOf(["2", "3"], { first: 2 }));
  assert.deepEqual(fixture.texts(), ["[2 lines removed here: older than 1 day]", "3"]);
});

Deno.test("when all is too much, the oldest go until it fits, in writes of a bounded size", async () => {
  using fixture = new LogFixture();
  const text = "x".repeat(10_000);
  for (let n = 0; n < 200; n++) {
    await fixture.keep(chunkOf([text], { run: `run-${n % 4}`, first: n + 1 }));
  }
  const before = fixture.logs.bytes();
  let writes = 0;
  const write = fixture.db.write.bind(fixture.db);
  fixture.db.write = (work, options) => {
    writes++;
    return write(work, options);
  };
  const removed = await prunerOf(fixture, { maxBytes: 500_000 }).runOnce();
  assert.ok(before > 2_000_000);
  assert.ok(fixture.logs.bytes() <= 500_000 && fixture.logs.bytes() > 480_000);
  assert.ok(removed > 150 && removed < 160, String(removed));
  assert.equal(writes, Math.ceil(removed / 32) + 1);
  // The newest are still there.
  for (const run of [0, 1, 2, 3]) {
    const lines = fixture.logs.tail({ runId: `run-${run}` }, 2).map((line) => line.text);
    assert.deepEqual(lines, [text, text]);
  }
  assert.match(
    fixture.texts("run-0")[0] ?? "",
    /^\[\d+ lines removed here: .* larger than 500KB\]$/,
  );
});

Deno.test("a worker's own lines go as well", async () => {
  using fixture = new LogFixture();
  for (const line of ["1", "2"]) {
    await fixture.db.write((tx) => fixture.logs.appendOfWorker(tx, "w", [line]));
  }
  fixture.now += 2 * DAY;
  await fixture.db.write((tx) => fixture.logs.appendOfWorker(tx, "w", ["3"]));
  await prunerOf(fixture, { retentionDays: 1 }).runOnce();
  const lines = fixture.logs.read({ workerId: "w" }, { after: 0, limit: 9 }).map(({ text }) =>
    text
  );
  assert.deepEqual(lines, ["[2 lines removed here: older than 1 day]", "3"]);
});

Deno.test("without limits nothing goes", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["1"]));
  fixture.now += 10_000 * DAY;
  assert.equal(await prunerOf(fixture, {}).runOnce(), 0);
  assert.deepEqual(fixture.texts(), ["1"]);
});
