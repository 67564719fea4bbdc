/** What a worker keeps of what it has said into its room, until its node has it. */
import assert from "node:assert/strict";
import { KnownDispatches } from "../../../lib/worker/child/known_dispatches.ts";
import { Outbox } from "../../../lib/worker/child/outbox.ts";
import { RoomQueue } from "../../../lib/worker/child/room_queue.ts";
import { type RoomMessage, ToldEvents } from "../../../lib/worker/child/told_events.ts";

const message = (txn: string, type = "io.cis.task.result", content = "{}"): RoomMessage => ({
  txn,
  type,
  content,
});

Deno.test("what the node has dealt with is kept no longer, whatever it was last", () => {
  const told = new ToldEvents();
  told.add(message("1"), "$1");
  told.add(message("2", "io.cis.task.log"), "$2");
  told.add(message("3", "io.cis.worker.ready"), "$3");
  told.add(message("4"), "$4");
  told.dealtWith("$unknown");
  told.dealtWith("$3");
  assert.deepEqual(told.take().map(({ txn }) => txn), ["4"]);
  assert.deepEqual(told.take(), []);
});

Deno.test("while the node is away it is not kept without end: lines go before results", () => {
  const told = new ToldEvents();
  const megabyte = "x".repeat(1024 * 1024);
  told.add(message("first"), "$first");
  for (let n = 0; n < 40; n++) told.add(message(`l${n}`, "io.cis.task.log", megabyte), `$l${n}`);
  const kept = told.take();
  assert.deepEqual(kept.map(({ txn }) => txn), ["first", "l36", "l37", "l38", "l39"]);
  for (let n = 0; n < 40; n++) told.add(message(`r${n}`, "io.cis.task.result", megabyte), `$r${n}`);
  assert.equal(told.take().length, 16);
});

Deno.test("all that the node may lack is said again, under its numbers, before what waits", async () => {
  const said: string[] = [];
  const queue = new RoomQueue({
    outbox: new Outbox(),
    instance: "i",
    send: ({ txn, type }) => {
      said.push(`${txn} ${type.slice("io.cis.".length)}`);
      return Promise.resolve(`$${said.length}`);
    },
  });
  const result = '{"v":1,"results":[]}';
  queue.add("io.cis.task.result", result);
  await settled();
  queue.add("io.cis.worker.ready", () => '{"v":1}');
  queue.add("io.cis.task.result", result);
  await settled();
  queue.dealtWith("$1");
  queue.tellAgain();
  queue.add("io.cis.worker.ready", () => '{"v":1}');
  await settled();
  assert.deepEqual(said, [
    "i-1 task.result",
    "i-2 worker.ready",
    "i-3 task.result",
    "i-3 task.result",
    "i-4 worker.ready",
  ]);
});

Deno.test("a lease that is known has an answer, or is not known any more", () => {
  const known = new KnownDispatches();
  const dispatch = (lease: string): object => ({ v: 1, tasks: [{ lease }] });
  const end = (lease: string, size = 0): void => {
    const result = { lease, outputs: { text: "x".repeat(size) } };
    known.ended(JSON.stringify({ v: 1, results: [result] }));
  };
  for (let n = 0; n < 3_000; n++) {
    known.sort(dispatch(`lease-${n}`));
    end(`lease-${n}`);
  }
  const { fresh, results } = known.sort(dispatch("lease-0"));
  assert.deepEqual(fresh, { v: 1, tasks: [] });
  assert.match(results ?? "", /"lease":"lease-0"/);
  known.sort(dispatch("large"));
  end("large", 17 * 1024 * 1024);
  const forgotten = known.sort(dispatch("lease-0"));
  assert.deepEqual(forgotten, {
    fresh: { v: 1, tasks: [{ lease: "lease-0" }] },
    results: undefined,
  });
});

/** Lets promises that are settled have their effects. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
