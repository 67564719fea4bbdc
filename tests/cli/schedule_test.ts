import assert from "node:assert/strict";
import { ScheduleAnswer } from "../../lib/schema/schedule_view.ts";
import { json } from "../api/fake_fetch.ts";
import { fakeSystem } from "./fake_system.ts";

const ANSWER = ScheduleAnswer.parse({
  dag_id: "d",
  version: 2,
  schedule: {
    cron: "0 3 * * *",
    timezone: "Europe/Berlin",
    overlap: "skip",
    catch_up: "none",
    in_force: true,
    enabled: true,
    next_runs: ["2026-03-02T02:00:00.000Z"],
  },
  times: [
    {
      scheduled_at: "2026-03-01T02:00:00.000Z",
      version: 2,
      outcome: "missed",
      run_id: null,
      reason: "the node was not running then",
    },
  ],
});

Deno.test("dag schedule shows the next times and what became of the last ones", async () => {
  const cli = fakeSystem({ routes: { "GET /api/v1/dag/d/schedule": json(ANSWER) } });
  const { code, out } = await cli.run("dag", "schedule", "d");
  assert.equal(code, 0);
  assert.match(out, /d v2 {2}on/);
  assert.match(out, /2026-03-02 02:00:00Z/);
  assert.match(out, /missed +the node was not running then/);
});

Deno.test("dag schedule --off switches it off", async () => {
  const cli = fakeSystem({ routes: { "POST /api/v1/dag/d/schedule": json(ANSWER) } });
  const { code, sent } = await cli.run("dag", "schedule", "d", "--off");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(String(sent[0]?.body)), { enabled: false });
  assert.equal((await cli.run("dag", "schedule", "d", "--off", "--on")).code, 2);
});

Deno.test("run retry --task names the task", async () => {
  const answer = { success: true, run_id: "dag-run-2", status: "queued", message: "ok" };
  const cli = fakeSystem({ routes: { "POST /api/v1/runs/dag-run-1/retry": json(answer) } });
  const { code, sent } = await cli.run("run", "retry", "dag-run-1", "--task", "b");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(String(sent[0]?.body)), { from_scratch: false, task_id: "b" });
});

Deno.test("backup moves the copy to the file that was named, and refuses one that is there", async () => {
  const answer = {
    success: true,
    node_id: "node1",
    path: "/data/backups/cis.db",
    bytes: 10,
    schema: 13,
    created_at: "2026-03-01T02:00:00.000Z",
    message: "ok",
  };
  const files: Record<string, string> = { "/data/backups/cis.db": "copy", there: "x" };
  const cli = fakeSystem({
    files,
    routes: { "POST /api/v1/backup": [json(answer), json(answer)] },
  });
  const { code, out } = await cli.run("backup", "mine.db");
  assert.equal(code, 0);
  assert.match(out, /10 bytes, checked, is in mine\.db/);
  assert.equal(files["mine.db"], "copy");
  assert.equal((await cli.run("backup", "there")).code, 2);
  // Once more: the node says the same path, which isn't on this machine now.
  const elsewhere = await cli.run("backup", "other.db");
  assert.match(elsewhere.out, /is in \/data\/backups\/cis\.db/);
});
