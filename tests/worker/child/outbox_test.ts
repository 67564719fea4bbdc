import assert from "node:assert/strict";
import { Outbox } from "../../../lib/worker/child/outbox.ts";

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol();
  return await Promise.race([promise, Promise.resolve(pending)]) !== pending;
}

Deno.test("frames stay in order until they are confirmed, whatever the order of that", () => {
  const outbox = new Outbox();
  const sent: number[] = [];
  const txns = ["a", "b", "c"].map((frame) => {
    const txn = outbox.nextTxn();
    outbox.keep(txn, frame, () => sent.push(txn));
    return txn;
  });
  assert.deepEqual(txns, [1, 2, 3]);
  assert.deepEqual(outbox.frames(), ["a", "b", "c"]);
  outbox.confirm(2);
  assert.deepEqual(outbox.frames(), ["a", "c"]);
  outbox.confirm(2);
  outbox.confirm(99);
  assert.deepEqual(sent, [2]);
  outbox.confirm(1);
  outbox.confirm(3);
  assert.deepEqual([outbox.frames(), sent], [[], [2, 1, 3]]);
});

Deno.test("numbers are not given again", () => {
  const outbox = new Outbox();
  outbox.keep(outbox.nextTxn(), "a");
  outbox.confirm(1);
  assert.equal(outbox.nextTxn(), 2);
});

Deno.test("empty settles when all is confirmed", async () => {
  const outbox = new Outbox();
  await outbox.empty();
  outbox.keep(1, "a");
  outbox.keep(2, "b");
  const empty = outbox.empty();
  outbox.confirm(2);
  assert.equal(await isSettled(empty), false);
  outbox.confirm(1);
  assert.equal(await isSettled(empty), true);
});

Deno.test("above 2 MiB there is no room until half of it is confirmed", async () => {
  const outbox = new Outbox();
  const part = "x".repeat(256 * 1024);
  for (let txn = 1; txn <= 7; txn++) outbox.keep(txn, part);
  assert.equal(outbox.room(), undefined);
  outbox.keep(8, part);
  const room = outbox.room();
  assert.ok(room);
  // Results are kept all the same; none is ever dropped.
  outbox.keep(9, "result");
  for (let txn = 1; txn <= 4; txn++) outbox.confirm(txn);
  assert.equal(await isSettled(room), false);
  outbox.confirm(5);
  assert.equal(await isSettled(room), true);
  assert.equal(outbox.room(), undefined);
  assert.equal(outbox.frames().length, 4);
});
