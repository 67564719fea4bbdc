import assert from "node:assert/strict";
import fc from "fast-check";
import {
  dependants,
  findCycles,
  type GraphTask,
  topologicalOrder,
} from "../../lib/schema/graph.ts";

function graph(edges: Record<string, string>): GraphTask[] {
  return Object.entries(edges).map(([id, text]) => ({
    id,
    depends_on: text.split(" ").filter((name) => name !== ""),
  }));
}

Deno.test("findCycles gives one closed path for each group", () => {
  assert.deepEqual(findCycles(graph({ a: "b", b: "a" })), [["a", "b", "a"]]);
  assert.deepEqual(findCycles(graph({ x: "a", a: "b", b: "c", c: "a x" })), [[
    "x",
    "a",
    "b",
    "c",
    "x",
  ]]);
  assert.deepEqual(findCycles(graph({ a: "b", b: "a", c: "d", d: "c", e: "a c" })), [
    ["a", "b", "a"],
    ["c", "d", "c"],
  ]);
});

Deno.test("findCycles takes a shortest path through a tangled group", () => {
  assert.deepEqual(findCycles(graph({ a: "b", b: "c a", c: "d b", d: "a" })), [["a", "b", "a"]]);
});

Deno.test("findCycles passes over self-dependencies and unknown names", () => {
  assert.deepEqual(findCycles(graph({ a: "a nobody", b: "a", c: "a b" })), []);
});

Deno.test("a chain and a ring of 10,000 tasks do not overflow the stack", () => {
  const size = 10_000;
  const chain = Array.from({ length: size }, (_, i) => ({
    id: `t${i}`,
    depends_on: i + 1 < size ? [`t${i + 1}`] : [],
  }));
  assert.deepEqual(findCycles(chain), []);
  assert.equal(topologicalOrder(chain)[0], `t${size - 1}`);
  const ring = chain.with(-1, { id: `t${size - 1}`, depends_on: ["t0"] });
  assert.deepEqual(findCycles(ring).map((cycle) => cycle.length), [size + 1]);
  assert.throws(() => topologicalOrder(ring), RangeError);
});

Deno.test("dependants turns the edges round, in document order", () => {
  const found = dependants(graph({ c: "a", a: "", b: "a c" }));
  assert.deepEqual([...found], [["c", ["b"]], ["a", ["c", "b"]], ["b", []]]);
});

Deno.test("topologicalOrder refuses a task that depends on itself", () => {
  assert.throws(() => topologicalOrder(graph({ a: "a" })), RangeError);
});

/** Tasks that depend only on earlier ones, so without cycles. */
const acyclic = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .map((rows) =>
    rows.map((row, index): GraphTask => ({
      id: `t${index}`,
      depends_on: index === 0 ? [] : [...new Set(row.map((n) => `t${n % index}`))],
    }))
  );

Deno.test("in topological order every task comes after what it depends on", () => {
  fc.assert(fc.property(acyclic, (tasks) => {
    const shuffled = tasks.toReversed();
    const order = topologicalOrder(shuffled);
    const position = new Map(order.map((id, index) => [id, index]));
    assert.equal(position.size, tasks.length);
    for (const task of tasks) {
      for (const dependency of task.depends_on) {
        assert.ok((position.get(dependency) ?? NaN) < (position.get(task.id) ?? NaN));
      }
    }
    assert.deepEqual(findCycles(shuffled), []);
  }));
});

Deno.test("a planted cycle is found, and the path that is told is one", () => {
  fc.assert(fc.property(acyclic, fc.nat(), fc.nat(), (tasks, from, length) => {
    fc.pre(tasks.length > 1);
    const start = from % (tasks.length - 1);
    const end = start + 1 + (length % (tasks.length - 1 - start));
    const edges = new Map(tasks.map((task) => [task.id, new Set(task.depends_on)]));
    for (let i = start; i < end; i++) edges.get(`t${i + 1}`)?.add(`t${i}`);
    edges.get(`t${start}`)?.add(`t${end}`);
    const planted = [...edges].map(([id, names]) => ({ id, depends_on: [...names] }));
    const cycles = findCycles(planted);
    assert.equal(cycles.length, 1);
    const [cycle = []] = cycles;
    assert.ok(cycle.length > 2);
    assert.equal(cycle[0], cycle.at(-1));
    cycle.slice(1).forEach((id, i) => assert.ok(edges.get(cycle[i] ?? "")?.has(id)));
    assert.throws(() => topologicalOrder(planted), RangeError);
  }));
});
