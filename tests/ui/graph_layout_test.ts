import assert from "node:assert/strict";
import type { GraphTask } from "../../lib/schema/graph.ts";
import { alikeTogether, eachAlone, stagesOf } from "../../lib/ui/graph_groups.ts";
import { BOX_HEIGHT, layoutGraph } from "../../lib/ui/graph_layout.ts";

function task(id: string, ...depends_on: string[]): GraphTask {
  return { id, depends_on };
}

const DIAMOND = [task("a"), task("b", "a"), task("c", "a"), task("d", "b", "c")];

Deno.test("each task stands right of all that it depends on, and no box on another", () => {
  const picture = layoutGraph(DIAMOND);
  assert.ok(picture !== undefined);
  const place = new Map(picture.boxes.map((box) => [box.task_ids[0], box]));
  for (const { id, depends_on } of DIAMOND) {
    for (const before of depends_on) {
      const [left, right] = [place.get(before), place.get(id)];
      assert.ok(left && right && left.x + left.width <= right.x, `${before} before ${id}`);
    }
  }
  const { boxes } = picture;
  boxes.forEach((box, at) =>
    boxes.slice(at + 1).forEach((other) => {
      const apart = box.x + box.width <= other.x || other.x + other.width <= box.x ||
        box.y + BOX_HEIGHT <= other.y || other.y + BOX_HEIGHT <= box.y;
      assert.ok(apart, `${box.task_ids} and ${other.task_ids}`);
    })
  );
  assert.equal(picture.lines.length, 4);
  for (const line of picture.lines) assert.match(line, /^M-?\d+ -?\d+(C(-?\d+ ){5}-?\d+)+$/);
});

Deno.test("lines that lead around boxes are within the picture, with the boxes", () => {
  // The line from build to deploy has no way but above or below all others.
  const picture = layoutGraph([
    task("build"),
    task("flaky", "build"),
    task("ping", "build"),
    task("go-live", "flaky", "ping"),
    task("deploy", "go-live", "build"),
  ]);
  assert.ok(picture !== undefined);
  const { width, height, boxes, lines } = picture;
  for (const box of boxes) {
    assert.ok(box.x >= 8 && box.x + box.width <= width - 8, `${box.task_ids} from left to right`);
    assert.ok(box.y >= 8 && box.y + BOX_HEIGHT <= height - 8, `${box.task_ids} from top to bottom`);
  }
  for (const line of lines) {
    const numbers = (line.match(/-?\d+/g) ?? []).map(Number);
    numbers.forEach((number, at) =>
      assert.ok(number >= 8 && number <= (at % 2 === 0 ? width : height) - 8, line)
    );
  }
});

Deno.test("a single task has no picture", () => {
  assert.equal(layoutGraph([task("a")]), undefined);
});

Deno.test("tasks that are alike share a box", () => {
  const groups = alikeTogether(DIAMOND);
  assert.deepEqual(groups.map(({ task_ids }) => task_ids), [["a"], ["b", "c"], ["d"]]);
  assert.deepEqual(groups[2]?.depends_on, ["b"]);
  assert.equal(eachAlone(DIAMOND).length, 4);
});

Deno.test("tasks equally far from the beginning share a box where nothing else helps", () => {
  const tasks = [task("d", "c"), task("a"), task("b"), task("c", "a")];
  const stages = stagesOf(tasks, ["a", "b", "c", "d"]);
  assert.deepEqual(stages.map(({ task_ids }) => task_ids), [["d"], ["a", "b"], ["c"]]);
});

Deno.test("thousands of tasks are drawn in groups and fast, however they hang together", () => {
  const wide = [
    task("start"),
    ...Array.from({ length: 5_000 }, (_, at) => task(`part-${at}`, "start")),
    task("end", "part-0"),
  ];
  const started = performance.now();
  assert.equal(layoutGraph(wide)?.boxes.length, 4);
  const layers = Array.from(
    { length: 5_000 },
    (_, at) =>
      at < 100
        ? task(`t${at}`)
        : task(`t${at}`, `t${at - 100}`, `t${at - 99 - (at % 100 === 99 ? 100 : 0)}`),
  );
  assert.equal(layoutGraph(layers)?.boxes.length, 50);
  const chain = Array.from(
    { length: 5_000 },
    (_, at) => at === 0 ? task("t0") : task(`t${at}`, `t${at - 1}`),
  );
  const bands = layoutGraph(chain)?.boxes ?? [];
  assert.equal(bands.length, 24);
  assert.equal(bands.reduce((sum, { task_ids }) => sum + task_ids.length, 0), 5_000);
  assert.ok(performance.now() - started < 30_000, `${performance.now() - started} ms`);
});
