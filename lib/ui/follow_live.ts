/** Follows what the page of a run shows: over one connection, which goes on where it broke. */
import { Requester } from "../api/client_request.ts";
import { followSse } from "../api/sse_follower.ts";
import type { SseMessage } from "../api/sse_reader.ts";
import type { LogLineView } from "../schema/api.ts";

/** What to follow, and who is told. */
export interface FollowLiveOptions<View> {
  /** Address of the stream. */
  readonly path: string;
  /** Place that the page has reached, as the last message or the server said it. */
  readonly after: string;
  readonly onView: (view: View) => void;
  readonly onLines: (lines: readonly LogLineView[]) => void;
  /** Told the place after each message, so that a later call can go on there. */
  readonly onPlace: (after: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Shows what comes until the run has ended, or the signal says so.
 * @returns whether it has ended
 * @throws {ProblemError} when the node refuses, for instance because the session is over
 */
export async function followLive<View>(options: FollowLiveOptions<View>): Promise<boolean> {
  const { path, after, signal } = options;
  for await (const { id, event, data } of messages(path, { after, signal })) {
    if (signal.aborted) return false;
    if (event === "view") options.onView(JSON.parse(data) as View);
    else if (event === "lines") options.onLines(JSON.parse(data) as LogLineView[]);
    options.onPlace(id);
  }
  return !signal.aborted;
}

/**
 * Follows output that another node keeps, which passes it on line by line.
 * @throws {ProblemError} when the node refuses
 */
export async function followLines(
  options: Pick<FollowLiveOptions<never>, "path" | "after" | "onLines" | "signal">,
): Promise<void> {
  const { path, after, onLines, signal } = options;
  for await (const { data } of messages(path, { after, signal })) {
    if (signal.aborted) return;
    onLines([JSON.parse(data) as LogLineView]);
  }
}

function messages(
  path: string,
  { after, signal }: { after: string; signal: AbortSignal },
): AsyncGenerator<SseMessage, void> {
  const requester = new Requester({ baseUrl: "" });
  const open = (lastEventId: string, signal: AbortSignal): Promise<Response> =>
    requester.open(path, { accept: "text/event-stream", lastEventId, signal });
  return followSse(open, { lastEventId: after, signal });
}
