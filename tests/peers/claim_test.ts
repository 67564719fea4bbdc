/** Who holds a run, as the timeline says: whatever nodes say, in whatever order. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Claim, type ClaimEvent, isHolder, mayClaim, next } from "../../lib/peers/claim.ts";

const NODES = ["node1", "node2", "node3"];
const SEED = Date.now() % 1_000_000;

function shared(target = "*"): Claim {
  return {
    origin: "node1",
    target,
    generation: 0,
    holder: null,
    leaseMs: null,
    lastEvent: null,
    claim: null,
    ended: false,
  };
}

function through(claim: Claim, events: readonly ClaimEvent[]): Claim {
  return events.reduce(next, claim);
}

const EXECUTE: ClaimEvent = { type: "execute", id: "$e", from: "node1" };

function claimBy(
  from: string,
  more: Partial<Extract<ClaimEvent, { type: "claim" }>> = {},
): ClaimEvent {
  return {
    type: "claim",
    id: `$claim-${from}`,
    from,
    generation: 1,
    after: "$e",
    claim: `c-${from}`,
    leaseMs: 1_000,
    ...more,
  };
}

Deno.test("the first claim of a generation wins, whoever sends more", () => {
  const claim = through(shared(), [EXECUTE, claimBy("node2"), claimBy("node3")]);
  assert.deepEqual([claim.holder, claim.generation, claim.claim], ["node2", 1, "c-node2"]);
});

Deno.test("a claim loses against a renewal that its sender hadn't seen", () => {
  const renewal: ClaimEvent = {
    type: "renewal",
    id: "$r",
    from: "node2",
    generation: 1,
    leaseMs: 1_000,
  };
  const held = through(shared(), [EXECUTE, claimBy("node2"), renewal]);
  assert.equal(held.lastEvent, "$r");
  const late = claimBy("node3", { generation: 2, after: "$claim-node2" });
  assert.equal(next(held, late), held);
  const seen = next(held, claimBy("node3", { generation: 2, after: "$r" }));
  assert.deepEqual([seen.holder, seen.generation], ["node3", 2]);
  assert.equal(next(seen, renewal), seen, "a renewal that comes late renews nothing");
});

Deno.test("a run for one node is never another's, however long that one is silent", () => {
  const given = through(shared("node2"), [EXECUTE, claimBy("node3"), claimBy("node2")]);
  assert.deepEqual([given.holder, given.leaseMs], ["node2", null]);
  const later = { generation: 2, after: "$claim-node2" };
  assert.equal(next(given, claimBy("node3", later)), given);
  assert.equal(next(given, claimBy("node2", later)), given);
  const renewal: ClaimEvent = {
    type: "renewal",
    id: "$r",
    from: "node3",
    generation: 5,
    leaseMs: 1,
  };
  assert.equal(next(given, renewal), given);
});

Deno.test("what has ended stays so", () => {
  const cancel: ClaimEvent = { type: "cancel", from: "node1" };
  assert.equal(next(shared(), { ...cancel, from: "node2" }).ended, false, "it isn't theirs");
  const ended = through(shared(), [EXECUTE, claimBy("node2"), cancel]);
  assert.equal(ended.ended, true);
  assert.equal(next(ended, claimBy("node3", { generation: 2, after: "$claim-node2" })), ended);
});

/** Events as anybody may send them, of a few names and numbers so that they often nearly fit. */
const someEvent: fc.Arbitrary<ClaimEvent> = fc.oneof(
  fc.record({
    type: fc.constant("claim" as const),
    id: fc.uuid(),
    from: fc.constantFrom(...NODES),
    generation: fc.integer({ min: 1, max: 4 }),
    after: fc.constantFrom("$e", "$other"),
    claim: fc.uuid(),
    leaseMs: fc.constantFrom(1_000, null),
  }),
  fc.record({
    type: fc.constant("renewal" as const),
    id: fc.uuid(),
    from: fc.constantFrom(...NODES),
    generation: fc.integer({ min: 1, max: 4 }),
    leaseMs: fc.constant(1_000),
  }),
  fc.record({
    type: fc.constant("status" as const),
    from: fc.constantFrom(...NODES),
    generation: fc.integer({ min: 1, max: 4 }),
    isFinal: fc.boolean(),
  }),
  fc.record({ type: fc.constant("cancel" as const), from: fc.constantFrom("node2", "node3") }),
  fc.constant(EXECUTE),
);

/** As nodes that go by the rules would, with what they know at that moment: the last event, or an older one. */
interface Intent {
  readonly from: string;
  readonly isClaim: boolean;
  readonly isStale: boolean;
}

const someIntent: fc.Arbitrary<Intent> = fc.record({
  from: fc.constantFrom(...NODES),
  isClaim: fc.boolean(),
  isStale: fc.boolean(),
});

Deno.test("a generation has one holder, and generations never go back", () => {
  fc.assert(
    fc.property(fc.array(someEvent, { maxLength: 40 }), (events) => {
      const holders = new Map<number, string>();
      let claim = shared();
      for (const event of events) {
        const after = next(claim, event);
        assert.ok(after.generation >= claim.generation);
        assert.ok(!claim.ended || after === claim);
        // Only who renews without having won, which none does that goes by the rules, is believed.
        if (event.type === "renewal") holders.delete(after.generation);
        if (after.holder !== null) {
          const before = holders.get(after.generation);
          assert.ok(before === undefined || before === after.holder);
          holders.set(after.generation, after.holder);
        }
        claim = after;
      }
    }),
    { seed: SEED },
  );
});

Deno.test("who sees the timeline twice, from wherever, comes to the same end", () => {
  fc.assert(
    fc.property(
      fc.array(someIntent, { minLength: 1, maxLength: 30 }),
      fc.nat(),
      (intents, from) => {
        const events: ClaimEvent[] = [EXECUTE];
        let claim = next(shared(), EXECUTE);
        let older = claim.lastEvent ?? "";
        for (const { from, isClaim, isStale } of intents) {
          const id = `$${events.length}`;
          const isMine = claim.holder === from;
          const event: ClaimEvent = isMine && !isClaim
            ? { type: "renewal", id, from, generation: claim.generation, leaseMs: 1_000 }
            : claimBy(from, {
              id,
              generation: claim.generation + 1,
              after: isStale ? older : claim.lastEvent ?? "",
              claim: id,
            });
          const after = next(claim, event);
          if (after !== claim) older = claim.lastEvent ?? "";
          events.push(event);
          claim = after;
        }
        // A node that crashed is told of the newest part of it once more.
        const again = through(through(shared(), events), events.slice(from % events.length));
        assert.deepEqual(again, claim);
      },
    ),
    { seed: SEED },
  );
});

Deno.test("who holds a run is the one whose claim was won, under its number alone", () => {
  const held = through(shared(), [EXECUTE, claimBy("node2")]);
  assert.ok(isHolder(held, { from: "node2", generation: 1 }));
  assert.ok(!isHolder(held, { from: "node2", generation: 2 }));
  assert.ok(!isHolder(held, { from: "node3", generation: 1 }));
  assert.ok(mayClaim(held, "node3") && !mayClaim(shared(), "node3"));
});
