import assert from "node:assert/strict";
import { cpuShares, linePath, roundedTop, stretchesOf } from "../../lib/ui/chart_points.ts";

Deno.test("a line ends where nobody measured, and goes on behind it", () => {
  const points = [0, 10_000, 200_000].map((time) => ({ time, value: 5 }));
  assert.deepEqual(stretchesOf(points).map(({ length }) => length), [2, 1]);
  const box = { width: 200, height: 100, top: 10 };
  assert.equal(
    linePath(points, { box, range: [0, 200_000] }),
    "M0.0 50.0L10.0 50.0M200.0 50.0L200.0 50.0",
  );
});

Deno.test("a single moment and values of zero are drawn as numbers", () => {
  const path = linePath([{ time: 7, value: 0 }], {
    box: { width: 10, height: 10, top: 0 },
    range: [7, 7],
  });
  assert.equal(path, "M0.0 10.0L0.0 10.0");
});

Deno.test("the top of a chart is a round number that holds the largest value", () => {
  assert.deepEqual([0, 1, 3, 7, 80, 100].map((value) => roundedTop(value, 10)), [
    ...[1, 1, 5, 10, 100, 100],
  ]);
  assert.equal(roundedTop(90 * 2 ** 20, 2), 128 * 2 ** 20);
});

Deno.test("shares of the processor leave out the step to a new process", () => {
  const samples = [
    { time: 0, cpuMs: 1_000 },
    { time: 10_000, cpuMs: 3_000 },
    { time: 20_000, cpuMs: 100 },
    { time: 30_000, cpuMs: null },
    { time: 40_000, cpuMs: 200 },
    { time: 50_000, cpuMs: 10_200 },
  ];
  assert.deepEqual(cpuShares(samples), [{ time: 10_000, value: 20 }, { time: 50_000, value: 100 }]);
});
