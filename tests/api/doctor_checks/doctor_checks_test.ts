/** What the doctor's further checks find, and that they find nothing on a sound node. */
import assert from "node:assert/strict";
import { handoversStuck } from "../../../lib/api/doctor_checks/handovers_stuck.ts";
import { schedulesDue } from "../../../lib/api/doctor_checks/schedules_due.ts";
import { storedState } from "../../../lib/api/doctor_checks/stored_state.ts";
import { confirmed, ending, HOUR, withSchedules } from "../../scheduler/schedule_fixture.ts";

Deno.test("on a sound node every check is ok", async () => {
  await withSchedules(async (test) => {
    await confirmed(test, ending("@daily"));
    const { node } = test;
    const checks = [storedState(node.db), schedulesDue(node), handoversStuck(node)];
    assert.deepEqual(checks.map(({ status, advice }) => [status, advice]), [
      ["ok", null],
      ["ok", null],
      ["ok", null],
    ]);
  });
});

Deno.test("states that don't fit together are told of, with what to do", async () => {
  await withSchedules(async (test) => {
    const { node } = test;
    const run_id = await confirmed(test, ending(undefined));
    await node.db.write(() => {
      node.db.run("DROP TRIGGER task_runs_final");
      node.db.run(
        "UPDATE task_runs SET status = 'ready', finished_at = NULL WHERE run_id = ?",
        run_id,
      );
    });
    const check = storedState(node.db);
    assert.equal(check.status, "failed");
    assert.match(check.detail, /1 ended runs have tasks that haven't ended/);
    assert.match(check.advice ?? "", /backup/);
  });
});

Deno.test("a time that nobody deals with, and a run that doesn't get to its node, are told of", async () => {
  await withSchedules(async (test) => {
    const { node, clock } = test;
    await confirmed(test, ending("0 * * * *"));
    clock.jump(2 * HOUR);
    assert.match(schedulesDue(node).detail, /overdue: d/);
    const run_id = await confirmed(test, ending(undefined, { dag_id: "far", target_node: "n2" }));
    await node.db.write((tx) => node.handovers.setReason(tx, run_id, "n2 can't be reached"));
    const check = handoversStuck(node);
    assert.equal(check.status, "warning");
    assert.ok(check.detail.includes(`${run_id}: n2 can't be reached`));
  });
});
