/** What the way over a homeserver takes in each direction, from the events that a node has kept. */
import { join } from "node:path";
import { Database } from "../../lib/db/database.ts";
import type { TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";

/** In milliseconds, one for each task. */
export interface RoomLatency {
  /** From the change in the node that hands a task out until the worker begins it. */
  readonly toRunning: readonly number[];
  /** From the end of a task in the worker until its result is in the node's database. */
  readonly toStored: readonly number[];
}

interface Row {
  readonly type: string;
  readonly content: string;
  readonly created_at: number;
}

/** Reads them; of a node that has ended. @param dags those whose runs count, by a beginning of their ids */
export function roomLatency(dataDir: string, dags: string): RoomLatency {
  using db = new Database(join(dataDir, "cis.db"));
  const runs = new Set(
    db.all<{ run_id: string }>("SELECT run_id FROM dag_runs WHERE dag_id LIKE ?", `${dags}%`)
      .map(({ run_id }) => run_id),
  );
  const rows = db.all<Row>(
    `SELECT type, content, created_at FROM room_events
     WHERE type IN ('io.cis.task.dispatch', 'io.cis.task.result') ORDER BY seq`,
  );
  const handedOut = new Map<string, number>();
  const [toRunning, toStored]: [number[], number[]] = [[], []];
  for (const { content, created_at } of rows) {
    const { tasks = [], results = [] } = JSON.parse(content) as {
      tasks?: TaskDispatch[];
      results?: TaskResult[];
    };
    for (const { lease } of tasks) handedOut.set(lease, created_at);
    for (const { run_id, lease, started_at, finished_at } of results) {
      if (!runs.has(run_id)) continue;
      toRunning.push(started_at - (handedOut.get(lease) ?? NaN));
      toStored.push(created_at - finished_at);
    }
  }
  return { toRunning, toStored };
}
