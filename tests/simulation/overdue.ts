/** Whether all that is due happens in time, as long as nothing is in its way. */
import assert from "node:assert/strict";
import type { World } from "./world.ts";

/** How often somebody looks. */
const EVERY_MS = 2_000;
/** After trouble, work that was put off may take so long; and whoever sleeps sees so late that the clock was set. */
const AFTER_TROUBLE_MS = 6_000;
const AFTER_JUMP_MS = 70_000;

const DUE = {
  "a run is past its time": `SELECT run_id AS id FROM dag_runs r WHERE finished_at IS NULL
    AND deadline_at < :now AND NOT EXISTS (SELECT 1 FROM task_runs t WHERE t.run_id = r.run_id
      AND t.rollback IN ('pending', 'running'))`,
  "a question is past its time":
    "SELECT decision_id AS id FROM decisions WHERE status = 'open' AND expires_at < :now",
  "a retry is past its time": "SELECT run_id AS id FROM task_runs WHERE retry_at < :now",
  "a schedule is past its time":
    "SELECT dag_id AS id FROM schedules WHERE enabled = 1 AND next_at < :now",
};

/** Looks from time to time, as long as something may be due. */
export function watchOverdue(world: World, until: number): void {
  const { time } = world;
  time.after(EVERY_MS, () => {
    checkOverdue(world);
    if (time.elapsed < until) watchOverdue(world, until);
  });
}

function checkOverdue({ time, disk, node, fullDisk, troubledAt, jumpedAt, names }: World): void {
  const isTroubled = node?.isReady !== true || fullDisk !== undefined ||
    time.elapsed - troubledAt < AFTER_TROUBLE_MS || time.elapsed - jumpedAt < AFTER_JUMP_MS;
  if (isTroubled) return;
  const now = time.now() - AFTER_TROUBLE_MS;
  for (const [what, sql] of Object.entries(DUE)) {
    const [late] = disk.all<{ id: string }>(sql.replace(":now", "?"), now);
    assert.ok(late === undefined, `${what}: ${names.in(late?.id ?? "")}`);
  }
}
