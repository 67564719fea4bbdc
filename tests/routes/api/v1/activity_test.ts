import assert from "node:assert/strict";
import { startDag } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { dagOf, failsAtOnce, getJson } from "./api_fixture.ts";

const HOUR = 3_600_000;

Deno.test("activity counts the runs of a day by hour and outcome", async () => {
  await withStillNode(async ({ fetch, node }) => {
    const empty = await getJson(fetch, "/api/v1/activity");
    assert.deepEqual(empty.totals, { completed: 0, failed: 0, cancelled: 0, open: 0 });
    assert.equal(empty.hours.length, 24);

    const { run_id: old } = await startDag(fetch, failsAtOnce("older"));
    const { run_id: past } = await startDag(fetch, failsAtOnce("yesterday"));
    const now = node.db.now();
    await node.db.write(() => {
      const move = "UPDATE dag_runs SET created_at = ? WHERE run_id = ?";
      node.db.run(move, now - 90 * 60_000, old);
      node.db.run(move, now - 25 * HOUR, past);
    });
    await startDag(fetch, dagOf("open"));
    await startDag(fetch, failsAtOnce("failed"));

    const { totals, hours } = await getJson(fetch, "/api/v1/activity");
    assert.deepEqual(totals, { completed: 0, failed: 2, cancelled: 0, open: 1 });
    const busy = hours.flatMap((hour: { failed: number; open: number }, at: number) =>
      hour.failed + hour.open === 0 ? [] : [[at, hour.failed, hour.open]]
    );
    assert.deepEqual(busy, [[22, 1, 0], [23, 1, 1]]);
  });
});

Deno.test("activity counts no runs of other scopes", async () => {
  await withStillNode(async (test) => {
    await startDag(test.fetch, dagOf("proj-abc-x"));
    const token = await test.as(["viewer"], { scopes: ["project:other"] });
    const { totals } = await getJson(test.fetch, "/api/v1/activity", { token });
    assert.equal(totals.open, 0);
  });
});
