/**
 * Requests that are made until they get through: a homeserver that is away is waited for, one that
 * asks for patience gets it. What it refuses for good is thrown.
 */
import {
  type HomeserverAnswer,
  type HomeserverCall,
  HomeserverError,
  type HomeserverRequest,
} from "./homeserver_request.ts";

const FIRST_WAIT_MS = 100;
/** It is never longer, however long the homeserver has been away: so soon its coming back is noticed. */
export const LAST_WAIT_MS = 3_000;

/** What patience takes. */
export interface PatienceOptions {
  readonly request: HomeserverRequest;
  /** Ends all waiting: what waits then throws. */
  readonly signal: AbortSignal;
  /** Told why it waits, each time; undefined when a request got through. */
  readonly onTrouble?: (reason: string | undefined) => void;
  /** Told each time that it is asked for patience. */
  readonly onLimited?: () => void;
}

/** Requests that wait out what passes. @throws {HomeserverError} for what doesn't, and at the end */
export function patientRequest(options: PatienceOptions): HomeserverRequest {
  const { request, signal, onTrouble, onLimited } = options;
  return async (call: HomeserverCall): Promise<HomeserverAnswer> => {
    for (let tries = 0;; tries++) {
      try {
        const answer = await request({ ...call, signal: call.signal ?? signal });
        onTrouble?.(undefined);
        return answer;
      } catch (error) {
        const isOver = signal.aborted || call.signal?.aborted === true;
        if (!(error instanceof HomeserverError) || isOver || !error.isPassing) throw error;
        // Being asked for patience is no trouble.
        if (error.status === 429) onLimited?.();
        else onTrouble?.(error.message);
        await pause(waitAfter(error, tries), signal);
      }
    }
  };
}

/** How long until a request is made again, in milliseconds. @param tries that have failed before */
export function waitAfter(error: HomeserverError, tries: number): number {
  // Who asks for patience gets it. A proxy that speaks for one that is away doesn't know for how long.
  if (error.status === 429 && error.retryAfterMs !== null) return error.retryAfterMs;
  return Math.min(FIRST_WAIT_MS * 2 ** tries, LAST_WAIT_MS) * (0.75 + Math.random() / 4);
}

/** Waits. @throws {HomeserverError} when the signal ends it */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      clearTimeout(timer);
      reject(new HomeserverError("it was ended while it waited for the homeserver"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", ended);
      resolve();
    }, ms);
    if (signal.aborted) ended();
    else signal.addEventListener("abort", ended, { once: true });
  });
}
