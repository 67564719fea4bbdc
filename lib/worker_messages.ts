/** What workers send, by its type, to who deals with it. */
import type { Tx } from "./db/database.ts";
import type { IncomingEvent } from "./matrix/transport.ts";
import type { Results } from "./scheduler/results.ts";
import type { Supervisor } from "./worker/supervisor.ts";

/** Who deals with it. */
export interface MessageReaders {
  readonly supervisor: Supervisor;
  readonly results: Results;
  /** Told of what a worker should not have sent. */
  readonly report: (line: string) => void;
}

/** Deals with an event of a worker, as part of the transaction that keeps it. */
export function readMessage(
  tx: Tx,
  event: IncomingEvent,
  { supervisor, results, report }: MessageReaders,
): void {
  const { workerId } = event.from;
  switch (event.type) {
    case "io.cis.worker.ready":
      return supervisor.workerReady(tx, event.from, event.content);
    case "io.cis.worker.heartbeat":
      return supervisor.heartbeat(tx, event.from, event.content);
    case "io.cis.task.result":
      results.accept(tx, workerId, event.content);
      return;
    case "io.cis.task.log":
      return results.keepLogs(tx, workerId, event.content);
    case "io.cis.worker.shutdown":
      return supervisor.workerEnds(tx, event.from);
    default:
      // Dispatches and cancels are the node's to send; from a worker they mean nothing.
      report(`${workerId} sent ${event.type}, which only the node may send`);
  }
}
