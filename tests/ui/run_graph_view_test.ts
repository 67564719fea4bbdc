import assert from "node:assert/strict";
import { layoutGraph } from "../../lib/ui/graph_layout.ts";
import { boxStates, runPicture } from "../../lib/ui/run_graph_view.ts";

Deno.test("a box of many tasks stands as the one of them that wants to be looked at", () => {
  const parts = Array.from(
    { length: 200 },
    (_, at) => ({ id: `part${at}`, depends_on: ["begin"] }),
  );
  const tasks = [
    { id: "begin", depends_on: [] },
    ...parts,
    { id: "end", depends_on: parts.map(({ id }) => id) },
  ];
  const picture = layoutGraph(tasks);
  assert.ok(picture !== undefined);
  const states = boxStates(
    picture,
    tasks.map(({ id }) => ({
      task_id: id,
      status: id === "part7" ? "failed" : id === "end" ? "pending" : "completed",
    })),
  );
  assert.deepEqual(states, [
    { task_id: "begin", status: "completed", done: 1 },
    { task_id: "part7", status: "failed", done: 199 },
    { task_id: "end", status: "pending", done: 0 },
  ]);
  const { boxes } = runPicture(picture);
  assert.deepEqual(boxes.map(({ count }) => count), [1, 200, 1]);
  assert.ok(JSON.stringify(runPicture(picture)).length < 1_000, "without two hundred names");
});
