import assert from "node:assert/strict";
import { type Guest, Places } from "../../lib/worker/places.ts";
import { createWorkerMachine } from "../../lib/worker/worker_machine.ts";

function guests(...list: readonly (Partial<Guest> & { workerId: string })[]): Map<string, Guest> {
  return new Map(
    list.map((
      guest,
    ) => [guest.workerId, { ...createWorkerMachine(), status: "running", ...guest }]),
  );
}

Deno.test("the first in line is next, as soon as there is a place", () => {
  const all = guests({ workerId: "a" }, { workerId: "b" });
  const places = new Places(2, all);
  places.queue("c", "a run wants it");
  places.queue("d", "a run wants it");
  assert.equal(places.next(), undefined);
  assert.match(places.explain(), /^waits for a place: 2 workers are running, the limit is 2$/);
  all.delete("a");
  assert.equal(places.next()?.workerId, "c");
});

Deno.test("who has been idle for longest makes room; busy ones and those of a terminal never do", () => {
  const places = new Places(
    5,
    guests(
      { workerId: "busy" },
      { workerId: "terminal", idleSince: 1, managedBy: "cli" },
      { workerId: "doomed", idleSince: 2, doom: "it hangs" },
      { workerId: "new", idleSince: 20 },
      { workerId: "old", idleSince: 10 },
    ),
  );
  assert.equal(places.evictable(), undefined, "nobody waits");
  places.queue("x", "");
  assert.deepEqual(places.evictable(), { workerId: "old", inFavourOf: "x" });
});

Deno.test("one that is ending already makes room for one that waits", () => {
  const all = guests({ workerId: "ending", status: "stopping" }, {
    workerId: "idle",
    idleSince: 1,
  });
  const places = new Places(2, all);
  places.queue("x", "");
  assert.equal(places.evictable(), undefined);
  places.queue("y", "");
  assert.deepEqual(places.evictable(), { workerId: "idle", inFavourOf: "y" });
});

Deno.test("who leaves the line doesn't start, and asking twice is asking once", () => {
  const places = new Places(1, guests());
  places.queue("x", "first");
  places.queue("x", "second");
  assert.equal(places.isWaiting("x"), true);
  assert.deepEqual(places.next(), { workerId: "x", reason: "first" });
  places.queue("y", "");
  places.leave("y");
  assert.equal(places.next(), undefined);
});
