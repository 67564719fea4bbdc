/**
 * Follows rooms: asks the homeserver what is new, fills gaps, and hands on one batch after the other.
 * The next one is asked for only when the last has been dealt with, together with its token; so who
 * keeps the token with what it did misses nothing and does nothing twice.
 */
import {
  CLIENT_API,
  type HomeserverAnswer,
  HomeserverError,
  type HomeserverRequest,
  part,
} from "./homeserver_request.ts";

/** An event as it came. Nothing in it is to be believed but who sent it. */
export interface SyncedEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly content: unknown;
  readonly state_key?: string;
}

/** What is new. */
export interface SyncBatch {
  /** Where to go on after it. */
  readonly next: string;
  /** By room, each in the room's order. */
  readonly rooms: ReadonlyMap<string, readonly SyncedEvent[]>;
  /** Sent to this account and kept in no room. */
  readonly direct: readonly Omit<SyncedEvent, "event_id">[];
  /** Whether nothing of the past was asked for. */
  readonly isFirst: boolean;
  /**
   * Whether the homeserver has forgotten what it told before, as one that was put back to a backup:
   * begun anew, with the last of what it has now.
   */
  readonly isAnew: boolean;
}

/** An event that the homeserver has told of. */
export interface Anchor {
  readonly room: string;
  readonly event_id: string;
}

/** What following takes. */
export interface RoomSyncOptions {
  /** Waits out what passes. */
  readonly request: HomeserverRequest;
  readonly signal: AbortSignal;
  /** Types of events to hear of; a star at the end stands for anything. */
  readonly types: readonly string[];
  /** One room instead of all that the account is in. */
  readonly room?: string;
  /** Where the last life has ended; undefined: begin with what happens from now on. */
  readonly since: string | undefined;
  /** The last event that was heard of; undefined where there is none. */
  readonly anchor?: Anchor | undefined;
  readonly onBatch: (batch: SyncBatch) => Promise<void>;
}

/** How long the homeserver may wait for something new before it answers. */
const POLL_MS = 20_000;
/** Beyond that no answer comes any more. */
const POLL_TIMEOUT_MS = 50_000;
/** While rooms are silent, how often it is seen whether the homeserver still knows the last event. */
const LOOK_MS = 10_000;
/** Synapse gives no more at a time. */
const PAGE = 100;

/** Follows until the signal ends it. @throws {HomeserverError} what doesn't pass, as a token revoked */
export async function followRooms(options: RoomSyncOptions): Promise<void> {
  const { signal, onBatch } = options;
  let { since, anchor } = options;
  let isAnew = false;
  let lookedAt = -Infinity;
  while (!signal.aborted) {
    const answer = await ask(since, options);
    const batch = { ...await batchOf(answer, since, options), isAnew };
    isAnew = false;
    const mayLook = performance.now() - lookedAt > LOOK_MS;
    if (anchor !== undefined && mayLook && isSilent(batch, since)) {
      lookedAt = performance.now();
      if (await isForgotten(anchor, options)) {
        isAnew = true;
        since = anchor = undefined;
        continue;
      }
    }
    await onBatch(batch);
    since = batch.next;
    anchor = lastOf(batch) ?? anchor;
  }
}

function ask(since: string | undefined, options: RoomSyncOptions): Promise<HomeserverAnswer> {
  return options.request({
    method: "GET",
    path: `${CLIENT_API}/sync`,
    query: {
      filter: JSON.stringify(filterOf(options)),
      // What waits is wanted at once, and so is the token to begin with.
      timeout: since === undefined ? "0" : String(POLL_MS),
      ...(since === undefined ? {} : { since }),
    },
    timeoutMs: POLL_TIMEOUT_MS,
    signal: options.signal,
  });
}

/** A homeserver that was put back has nothing new in its rooms, and is at another place. */
function isSilent({ rooms, next }: SyncBatch, since: string | undefined): boolean {
  return since !== undefined && next !== since && rooms.size === 0;
}

async function isForgotten(
  { room, event_id }: Anchor,
  { request, signal }: RoomSyncOptions,
): Promise<boolean> {
  try {
    const path = `${CLIENT_API}/rooms/${part(room)}/event/${part(event_id)}`;
    await request({ method: "GET", path, signal });
    return false;
  } catch (error) {
    // Also a room that isn't there any more.
    if (error instanceof HomeserverError && (error.status === 404 || error.status === 403)) {
      return true;
    }
    throw error;
  }
}

function lastOf({ rooms }: SyncBatch): Anchor | undefined {
  const [room, events] = [...rooms].at(-1) ?? [];
  const event_id = events?.at(-1)?.event_id;
  return room === undefined || event_id === undefined ? undefined : { room, event_id };
}

function filterOf({ types, room }: RoomSyncOptions): object {
  const none = { types: [] };
  return {
    presence: none,
    account_data: none,
    room: {
      ...(room === undefined ? {} : { rooms: [room] }),
      timeline: { limit: PAGE, types },
      state: none,
      ephemeral: none,
      account_data: none,
    },
  };
}

interface Timeline {
  readonly events?: readonly unknown[];
  readonly limited?: boolean;
  readonly prev_batch?: string;
}

async function batchOf(
  answer: HomeserverAnswer,
  since: string | undefined,
  options: RoomSyncOptions,
): Promise<Omit<SyncBatch, "isAnew">> {
  const { next_batch, rooms: all, to_device } = answer as {
    next_batch?: unknown;
    rooms?: { join?: Record<string, { timeline?: Timeline }> };
    to_device?: { events?: readonly unknown[] };
  };
  if (typeof next_batch !== "string") {
    throw new HomeserverError("what answers there is no homeserver: a sync without a token");
  }
  const rooms = new Map<string, SyncedEvent[]>();
  for (const [room, { timeline = {} }] of Object.entries(all?.join ?? {})) {
    const { events = [], limited = false, prev_batch } = timeline;
    const missed = since !== undefined && limited && prev_batch !== undefined
      ? await gap(room, { from: prev_batch, to: since }, options)
      : [];
    const found = [...missed, ...events.filter(isEvent)];
    if (found.length > 0) rooms.set(room, found);
  }
  const direct = (to_device?.events ?? []).filter(isDirect);
  return { next: next_batch, rooms, direct, isFirst: since === undefined };
}

/** What lies between two answers of a sync, in order. */
async function gap(
  room: string,
  { from, to }: { readonly from: string; readonly to: string },
  { request, signal, types }: RoomSyncOptions,
): Promise<SyncedEvent[]> {
  const found: SyncedEvent[] = [];
  for (let at: unknown = from; typeof at === "string";) {
    const { chunk, end }: HomeserverAnswer = await request({
      method: "GET",
      path: `${CLIENT_API}/rooms/${part(room)}/messages`,
      query: { dir: "b", from: at, to, limit: String(PAGE), filter: JSON.stringify({ types }) },
      signal,
    });
    if (Array.isArray(chunk)) found.push(...chunk.filter(isEvent));
    at = end === at ? undefined : end;
  }
  return found.reverse();
}

function isEvent(value: unknown): value is SyncedEvent {
  return isDirect(value) && typeof (value as Partial<SyncedEvent>).event_id === "string";
}

function isDirect(value: unknown): value is Omit<SyncedEvent, "event_id"> {
  if (typeof value !== "object" || value === null) return false;
  const { type, sender } = value as Partial<SyncedEvent>;
  return typeof type === "string" && typeof sender === "string";
}
