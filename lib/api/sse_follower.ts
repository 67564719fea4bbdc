/**
 * Follows an event stream across lost connections: opens it again after the last complete event,
 * with growing pauses, until it ends, is aborted, is refused or stays away for too long.
 * @module
 */
import type { ProblemDocument } from "../schema/api.ts";
import { ProblemError, readProblem, UNREACHABLE } from "./client_request.ts";
import { pause } from "./pause.ts";
import { readSse, type SseMessage, SseParser } from "./sse_reader.ts";

/** Name of the event by which a node says that nothing will follow. */
export const END_EVENT = "end";

/** How to follow a stream. */
export interface FollowOptions {
  /** Ends the stream without an error. */
  readonly signal?: AbortSignal;
  /** Go on after this event; absent: where the server begins. */
  readonly lastEventId?: string;
  /** How many connections in a row may fail before it is given up; default: none is too many. */
  readonly maxFailures?: number;
  /** First pause before a new connection in milliseconds, unless the server names one. */
  readonly retryMs?: number;
}

/** Opens a connection that goes on after `lastEventId`. */
export type OpenStream = (lastEventId: string, signal: AbortSignal) => Promise<Response>;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Events of a stream, each once and in order, over as many connections as it takes. It ends with
 * an `end` event, with status 204 or by the signal. Whoever waits for the next event and wants to
 * stop has to abort the signal; leaving the loop is enough otherwise.
 * @throws {ProblemError} when the node refuses the stream or was away `maxFailures` times in a row
 */
export async function* followSse(
  open: OpenStream,
  options: FollowOptions = {},
): AsyncGenerator<SseMessage, void> {
  const { signal, maxFailures = Infinity, retryMs = FIRST_PAUSE_MS } = options;
  const stop = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const state: FollowState = { lastEventId: options.lastEventId ?? "", retryMs, failures: 0 };
  try {
    while (!stopped.aborted) {
      const ended = yield* readConnection(open, state, stopped);
      if (ended || stopped.aborted) return;
      if (state.failures > maxFailures) throw new ProblemError(gaveUp(state));
      await pause(pauseMs(state), stopped);
    }
  } finally {
    stop.abort();
  }
}

interface FollowState {
  lastEventId: string;
  retryMs: number;
  /** Connections in a row that brought nothing. */
  failures: number;
  lastFailure?: string;
}

/** Follows one connection; true: the stream is at its end. */
async function* readConnection(
  open: OpenStream,
  state: FollowState,
  signal: AbortSignal,
): AsyncGenerator<SseMessage, boolean> {
  const parser = new SseParser(state.lastEventId);
  state.failures++;
  try {
    const response = await open(state.lastEventId, signal);
    if (response.status === 204) return true;
    const body = await streamOf(response);
    for await (const message of readSse(body, parser)) {
      if (message.event === END_EVENT) return true;
      yield message;
    }
    state.lastFailure = "the connection was closed";
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    // Anything else is a connection that broke: the next one goes on where it was.
    state.lastFailure = error instanceof Error ? error.message : String(error);
  } finally {
    if (parser.received) state.failures = 0;
    state.lastEventId = parser.lastEventId;
    state.retryMs = parser.retryMs ?? state.retryMs;
  }
  return false;
}

/** @throws {ProblemError} when asking again would be answered the same; Error when it may not be */
async function streamOf(response: Response): Promise<ReadableStream<Uint8Array>> {
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && response.body && type.startsWith("text/event-stream")) return response.body;
  const problem = await readProblem(response);
  const temporary = response.status >= 500 || response.status === 429;
  throw temporary ? new Error(problem.detail) : new ProblemError(problem);
}

function gaveUp(state: FollowState): ProblemDocument {
  return {
    type: "about:blank",
    title: "The node can't be reached",
    status: 0,
    code: UNREACHABLE,
    request_id: "",
    detail: `The stream broke and ${state.failures} attempts to resume it failed: ` +
      `${state.lastFailure ?? "no answer"}`,
  };
}

function pauseMs(state: FollowState): number {
  const doublings = Math.min(Math.max(state.failures - 1, 0), 10);
  return Math.min(state.retryMs * 2 ** doublings, Math.max(LONGEST_PAUSE_MS, state.retryMs));
}
