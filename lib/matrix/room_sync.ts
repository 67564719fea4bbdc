/**
 * Follows rooms: asks the homeserver what is new, and hands on one batch after the other. The next one
 * is asked for only when the last has been dealt with, together with its token; so who keeps the token
 * with what it did misses nothing and does nothing twice. When the homeserver has forgotten what it
 * told, its tokens mean nothing any more, and it is begun anew (landmarks.ts).
 */
import type { Landmarks } from "./landmarks.ts";
import { pause } from "./patient_request.ts";
import { lastEvent, nextBatch, type SyncBatch, type SyncScope } from "./sync_batch.ts";

/** What following takes. */
export interface RoomSyncOptions extends SyncScope {
  /** Where the last life has ended; undefined: begin with what happens from now on. */
  readonly since: string | undefined;
  /** What is known to have been told. */
  readonly landmarks: Landmarks;
  readonly onBatch: (batch: SyncBatch) => Promise<void>;
}

/** How many ways there are to ask for the same. */
const NONCES = 1_000;
/** Before it is begun anew for a token that leads nowhere, which might come at once again. */
const STUCK_MS = 1_000;

/** Follows until the signal ends it. @throws {HomeserverError} what doesn't pass, as a token revoked */
export async function followRooms(options: RoomSyncOptions): Promise<void> {
  const { request, signal, landmarks, onBatch } = options;
  let { since } = options;
  let isAnew = false;
  let nonce = Math.floor(Math.random() * NONCES);
  while (!signal.aborted) {
    const batch = await nextBatch({ since, isAnew, nonce }, options);
    const isStuck = leadsNowhere(batch, since);
    if (isStuck) await pause(STUCK_MS, signal);
    if (isStuck || (!isAnew && await landmarks.areForgotten(request))) {
      since = undefined;
      nonce = (nonce + 1) % NONCES;
      isAnew = true;
      continue;
    }
    await onBatch(batch);
    if (isAnew) landmarks.clear();
    landmarks.add(lastEvent(batch));
    since = batch.next;
    isAnew = false;
  }
}

/**
 * Whether there is something new at the place where that was asked for: a homeserver that was put back
 * has given the same place to something else.
 */
function leadsNowhere({ next, rooms, direct }: SyncBatch, since: string | undefined): boolean {
  return next === since && (rooms.size > 0 || direct.length > 0);
}
