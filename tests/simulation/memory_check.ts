/** Whether what a node has in memory of a run is what a restarted one would read from its database. */
import assert from "node:assert/strict";
import { restoreRunMachine, type RunMachine } from "../../lib/scheduler/run_machine.ts";
import type { World } from "./world.ts";

/** Compares all open runs. Between two transactions. */
export function checkMemory({ node, story }: World): void {
  if (node === undefined || node.isDead) return;
  for (const { runId, isOver, spec, name } of story.runs) {
    if (isOver) continue;
    const machine: RunMachine | undefined = node.engine.get(runId)?.machine;
    const row = node.runs.load(runId);
    assert.ok(
      machine !== undefined && row !== undefined,
      `${name} is open, and the node doesn't know it`,
    );
    const stored = restoreRunMachine(spec, {
      status: row.status,
      held: row.held === 1,
      error: row.error,
      tasks: node.runs.storedTasks(runId),
    }, node.times.of(row.times_of));
    assert.deepEqual(comparable(machine), comparable(stored), `${name} in memory`);
  }
}

/** Without what only says how to go on: entries of the heap may be stale. */
function comparable({ ready: _ready, tasks, ...machine }: RunMachine): object {
  return {
    ...machine,
    // Once a task has its turn nobody looks at what it waited for.
    tasks: tasks.map(({ waitingFor, ...task }) => ({
      ...task,
      waitingFor: task.status === "pending" ? waitingFor : 0,
    })),
  };
}
