import { deepEqual, deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { computed, type Signal, signal } from "@preact/signals";
import fc from "fast-check";
import { revive } from "../../lib/fresh/revive.ts";
import { serialise } from "../../lib/fresh/serialise.ts";

/** Sends a value through text, as a page does. */
function sent<T>(value: T): T {
  const text = JSON.stringify(serialise({ value }));
  return (revive(JSON.parse(text)) as { value: T }).value;
}

Deno.test("every supported type survives the way to the browser", () => {
  const value = {
    text: "ä <b> \u2028 \0",
    numbers: [0, -0, 1.5, NaN, Infinity, -Infinity],
    truth: [true, false, null, undefined],
    big: 2n ** 80n,
    date: new Date("2026-01-02T03:04:05.678Z"),
    url: new URL("https://example.org/a?b#c"),
    regexp: /a\/b/giu,
    bytes: new Uint8Array([0, 127, 255]),
    map: new Map<unknown, unknown>([["a", [1]], [{ key: 1 }, new Set([2n])]]),
    set: new Set(["x", undefined]),
    nested: { deep: [{ er: {} }] },
  };
  deepStrictEqual(sent(value), value);
  ok(Number.isNaN(sent(new Date(NaN)).getTime()));
});

Deno.test("gaps in arrays stay gaps", () => {
  const sparse: unknown[] = [];
  sparse[2] = undefined;
  const revived = sent(sparse);
  deepEqual([revived.length, 0 in revived, 1 in revived, 2 in revived], [3, false, false, true]);
});

Deno.test("__proto__ is an ordinary key", () => {
  const revived = sent(JSON.parse(`{"__proto__": {"polluted": true}, "a": 1}`));
  deepEqual(Object.keys(revived), ["__proto__", "a"]);
  equal(Object.getPrototypeOf(revived), Object.prototype);
  equal(revived.polluted, undefined);
});

Deno.test("what occurs twice is one thing again, also in a circle", () => {
  const shared = { n: 1 };
  const circle: { self?: unknown; list: unknown[] } = { list: [shared, shared] };
  circle.self = circle;
  const revived = sent(circle);
  equal(revived.self, revived);
  equal(revived.list[0], revived.list[1]);
});

Deno.test("a signal passed twice is one live signal; a computed one stays read-only", () => {
  const count = signal(1);
  const revived = sent({ a: count, b: [count], double: computed(() => count.value * 2) });
  equal(revived.a, revived.b[0]);
  const seen: number[] = [];
  const stop = revived.a.subscribe((value) => void seen.push(value));
  (revived.b[0] as Signal<number>).value = 5;
  stop();
  deepEqual(seen, [1, 5]);
  equal(revived.double.value, 2);
  throws(() => {
    (revived.double as Signal<number>).value = 9;
  }, TypeError);
});

Deno.test("what can't be sent is named by its place", () => {
  throws(() => serialise({ a: [{ onClick: () => {} }] }), /props\.a\[0\]\.onClick is a function/);
  throws(() => serialise({ id: Symbol("x") }), /props\.id is a symbol/);
  throws(() => serialise({ s: signal(() => 1) }), /props\.s\.value is a function/);
});

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined, NaN, -0, Infinity),
  fc.date({ noInvalidDate: true }),
  fc.webUrl().map((url) => new URL(url)),
  fc.uint8Array(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    fc.uniqueArray(fc.string(), { maxLength: 4 }).map((keys) => new Set(keys)),
    fc.array(fc.tuple(leaf, tie("tree")), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
}));

Deno.test("any tree of supported values survives", () => {
  fc.assert(fc.property(tree, (value) => deepStrictEqual(sent(value), value)), { numRuns: 500 });
});
