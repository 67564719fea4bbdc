/** What a worker is when nothing has happened yet, and what its state says of it. Pure. */
import type { WorkerMachine } from "./worker_events.ts";

/** A worker that never ran. */
export function createWorkerMachine(): WorkerMachine {
  return {
    status: "stopped",
    managedBy: "node",
    connected: false,
    startedAt: null,
    restarts: 0,
    crashesInRow: 0,
    restartAt: null,
    error: null,
    doom: null,
    stopReason: "",
    afterStop: "nothing",
    outdated: null,
    idleSince: null,
  };
}

/** Whether there is, or is about to be, a process. */
export function isUp({ status }: Pick<WorkerMachine, "status">): boolean {
  return status === "starting" || status === "running" || status === "stopping";
}

/** Whether it may be ended to make room for another. */
export function isIdle(machine: WorkerMachine): boolean {
  return machine.status === "running" && machine.idleSince !== null && machine.doom === null &&
    machine.managedBy === "node";
}
