/** Which runs could be given a task now, on the workers that are up. */
import type { TaskDispatch } from "../schema/room_events.ts";
import type { ActiveRun } from "./active_run.ts";
import type { Capacity } from "./capacity.ts";
import type { Candidate } from "./fair_turn.ts";
import type { Lane, ReadyTask } from "./ready_lanes.ts";
import type { ReadyWorker } from "./worker_pool.ts";

/** A worker that is up, with what it has got in this round. */
export interface Place {
  readonly id: string;
  readonly worker: ReadyWorker;
  readonly runs: readonly ActiveRun[];
  free: number;
  readonly tasks: TaskDispatch[];
}

/** A task that could be handed out next. */
export interface Turn extends Candidate {
  readonly run: ActiveRun;
  readonly task: ReadyTask;
  readonly place: Place;
}

/** Every run that could start a task on its worker now. */
export function* candidates(places: readonly Place[], capacity: Capacity): Iterable<Turn> {
  for (const place of places) {
    for (const run of place.runs) {
      if (run.machine.status !== "running") continue;
      const mayStart = (lane: Lane): boolean =>
        (place.free > 0 || !lane.slot) && capacity.obstacle(run, lane) === undefined;
      const task = run.lanes.next(mayStart);
      if (task === undefined) continue;
      const { rank, createdAt, runId, servedAt, lastTurn, machine } = run;
      const waitingSince = Math.max(task.since, servedAt);
      const running = machine.slots;
      yield { run, task, place, rank, createdAt, runId, lastTurn, running, waitingSince };
    }
  }
}
