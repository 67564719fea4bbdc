/**
 * Whether the homeserver still knows what it has told. One that was put back to an older backup goes on
 * as if nothing had been: it takes any token, gives out places in its stream a second time, and what it
 * has forgotten is missing for good. Only the events that it told of before tell it from another: so
 * the last one is asked for after each time that the homeserver was away, and now and then.
 */
import { CLIENT_API, HomeserverError, type HomeserverRequest, part } from "./homeserver_request.ts";

/** An event that the homeserver has told of, or has taken. */
export interface Anchor {
  readonly room: string;
  readonly event_id: string;
}

/** As often it is looked where nothing seems to be wrong: a proxy may hide that it was away. */
const LOOK_MS = 30_000;

export class Landmarks {
  /** The last one. */
  #last: Anchor | undefined;
  /** The last one as of the last look: what came since may be of another past. */
  #before: Anchor | undefined;
  /** The last one when the homeserver went away. What it tells after that says nothing. */
  #doubted: Anchor | undefined;
  #lookedAt = performance.now();

  /** There is a newer one. */
  add(anchor: Anchor | undefined): void {
    this.#last = anchor ?? this.#last;
    this.#before ??= anchor;
  }

  /** The homeserver could not be reached: it may come back as another. */
  interrupted(): void {
    this.#doubted ??= this.#last;
  }

  /** Looks, if there is reason to. @throws {HomeserverError} */
  async areForgotten(request: HomeserverRequest): Promise<boolean> {
    const isDue = performance.now() - this.#lookedAt > LOOK_MS;
    const anchor = this.#doubted ?? (isDue ? this.#before : undefined);
    if (anchor === undefined) return false;
    // It may go away again while it is asked.
    this.#doubted = undefined;
    const last = this.#last;
    const isForgotten = await isUnknown(anchor, request);
    this.#lookedAt = performance.now();
    this.#before = last;
    return isForgotten;
  }

  /** The homeserver has begun anew: nothing that it told before means anything. */
  clear(): void {
    this.#last = this.#before = this.#doubted = undefined;
    this.#lookedAt = performance.now();
  }
}

async function isUnknown(
  { room, event_id }: Anchor,
  request: HomeserverRequest,
): Promise<boolean> {
  try {
    const path = `${CLIENT_API}/rooms/${part(room)}/event/${part(event_id)}`;
    await request({ method: "GET", path });
    return false;
  } catch (error) {
    // Also a room that isn't there any more.
    if (error instanceof HomeserverError && (error.status === 404 || error.status === 403)) {
      return true;
    }
    throw error;
  }
}
