/** What the node does with what workers say: who hears of which event. */
import type { Tx } from "./db/database.ts";
import type { NodeTransport } from "./matrix/node_transport.ts";
import type { IncomingEvent, Member } from "./matrix/transport.ts";
import type { Reception, Results } from "./scheduler/results.ts";
import type { Supervisor } from "./worker/supervisor.ts";

/** Who hears of what workers say. */
export interface ReceptionParts {
  readonly supervisor: Supervisor;
  readonly results: Results;
  readonly transport: NodeTransport;
}

/** Takes events of workers, each within a transaction. */
export function receptionOf(
  { supervisor, results, transport }: ReceptionParts,
): (tx: Tx, event: IncomingEvent) => void {
  return (tx, event) => {
    const { from } = event;
    switch (event.type) {
      case "io.cis.worker.ready":
        return supervisor.workerReady(tx, from, event.content);
      case "io.cis.worker.heartbeat":
        return supervisor.heartbeat(tx, from, event.content);
      case "io.cis.task.result":
        return tx.afterCommit(taken(from, results.accept(tx, from.workerId, event.content)));
      case "io.cis.task.log":
        if (results.keepLogs(tx, from.workerId, event.content) === 0) return;
        return tx.afterCommit(() => transport.complain(from, "logs of others' attempts"));
      case "io.cis.worker.shutdown":
        return tx.afterCommit(() => supervisor.workerLeaving(from, event.content));
      default: {
        // Dispatches and cancels are the node's to send; from a worker they mean nothing.
        const what = `${event.type}, which only the node may send`;
        tx.afterCommit(() => transport.complain(from, what));
      }
    }
  };

  function taken(from: Member, { late, foreign }: Reception): () => void {
    return () => {
      if (foreign > 0) transport.complain(from, "results of others' attempts");
      // Each is no fault, as after a cancel; thousands of them are.
      if (late > 0) transport.complain(from, "results of attempts that had ended", late / 50);
      supervisor.tasksEnded(from.workerId);
    };
  }
}
