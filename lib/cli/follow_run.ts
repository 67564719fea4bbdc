/** Follows a run to its end: what happens in it and what its tasks write, as it comes. */
import type { Client, FollowOptions } from "../api/client.ts";
import type { LogQuery } from "../schema/log_query.ts";
import type { EventView, LogLineView } from "../schema/api.ts";

/** What to do with what comes. */
export interface RunFollower {
  readonly onEvent: (event: EventView) => void;
  readonly onLine: (line: LogLineView) => void;
  /** Only this task's lines. */
  readonly taskId?: string;
  /** Only lines that fit. */
  readonly query?: LogQuery;
}

/** A node that is away for longer than about two minutes ends the following. */
const MAX_FAILURES = 12;

const RUN_END = /^run\.(completed|failed|cancelled)$/;

/**
 * Resolves when the run has ended and all of its lines were seen.
 * @throws {ProblemError} when the node refuses or stays away
 */
export async function followRun(
  client: Client,
  runId: string,
  follower: RunFollower,
): Promise<void> {
  const stop = new AbortController();
  const options = { signal: stop.signal, maxFailures: MAX_FAILURES };
  const { taskId, onLine, query } = follower;
  let lastSeq = 0;
  const readLines = async (after: FollowOptions): Promise<void> => {
    for await (const line of client.followLogs(runId, { ...query, ...after, taskId })) {
      lastSeq = line.seq;
      onLine(line);
    }
  };
  const lines = readLines(options);
  const events = readEvents(client.followRunEvents(runId, options), follower);
  // The end of the events ends the lines too, and so does a failure of either.
  const both = [lines, events.finally(() => stop.abort())];
  await Promise.all(both.map((part) => part.catch((error) => giveUp(stop, error))));
  // Of a run that is over, a stream opened now gives what is left and ends by itself.
  await readLines({ maxFailures: MAX_FAILURES, lastEventId: String(lastSeq) });
}

async function readEvents(events: AsyncIterable<EventView>, follower: RunFollower): Promise<void> {
  for await (const event of events) {
    follower.onEvent(event);
    if (RUN_END.test(event.type)) return;
  }
}

function giveUp(stop: AbortController, error: unknown): never {
  stop.abort();
  throw error;
}
