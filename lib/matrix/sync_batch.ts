/** One answer of a sync: asked for, its gaps filled, read as what it is. */
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
  /** When the homeserver took it, in epoch milliseconds of its clock. */
  readonly origin_server_ts?: number;
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
   * begun anew, with what it has now. Some of that was told before.
   */
  readonly isAnew: boolean;
}

/** What a sync is to be about. */
export interface SyncScope {
  /** Waits out what passes. */
  readonly request: HomeserverRequest;
  readonly signal: AbortSignal;
  /** Types of events to hear of; a star at the end stands for anything. */
  readonly types: readonly string[];
  /** One room instead of all that the account is in. */
  readonly room?: string;
  /**
   * Whether an event has been dealt with: where a homeserver begins anew, what came after such a one is
   * fetched. undefined: its last events will do.
   */
  readonly isKnown?: (event: SyncedEvent) => boolean;
}

/** Where a sync is. */
export interface SyncPlace {
  /** undefined: at the beginning. */
  readonly since: string | undefined;
  readonly isAnew: boolean;
  /**
   * Below 1,000. Synapse keeps its answer to a request for two minutes, and gives the same to one that
   * is the same: to a worker's next life what the last one was told, and for ever in a circle to who
   * comes a second time to a place that was another before it was put back. Another number makes another
   * request.
   */
  readonly nonce: number;
}

/** How long the homeserver may wait for something new before it answers. */
const POLL_MS = 20_000;
/** Beyond that no answer comes any more. */
const POLL_TIMEOUT_MS = 50_000;
/** Synapse gives no more at a time. */
const PAGE = 100;
/** No more is looked through for an event that is known. */
const MOST_PAGES = 100;

/** Asks what is new, and waits for it. @throws {HomeserverError} what doesn't pass */
export async function nextBatch(
  { since, isAnew, nonce }: SyncPlace,
  options: SyncScope,
): Promise<SyncBatch> {
  const answer = await options.request({
    method: "GET",
    path: `${CLIENT_API}/sync`,
    query: {
      filter: JSON.stringify(filterOf(options)),
      // What waits is wanted at once, and so is the token to begin with.
      timeout: String(nonce + (since === undefined ? 0 : POLL_MS)),
      ...(since === undefined ? {} : { since }),
    },
    timeoutMs: POLL_TIMEOUT_MS,
    signal: options.signal,
  });
  return await batchOf(answer, { since, isAnew, nonce }, options);
}

/** The last event of a batch, of whichever room. */
export function lastEvent(
  { rooms }: SyncBatch,
): { readonly room: string; readonly event_id: string } | undefined {
  const [room, events] = [...rooms].at(-1) ?? [];
  const event_id = events?.at(-1)?.event_id;
  return room === undefined || event_id === undefined ? undefined : { room, event_id };
}

function filterOf({ types, room }: SyncScope): object {
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
  { since, isAnew }: SyncPlace,
  options: SyncScope,
): Promise<SyncBatch> {
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
    const { limited = false, prev_batch: from } = timeline;
    const events = (timeline.events ?? []).filter(isEvent);
    const missed = limited && from !== undefined
      ? await gap(room, { from, to: since, isAnew, events }, options)
      : [];
    const found = [...missed, ...events];
    if (found.length > 0) rooms.set(room, found);
  }
  const direct = (to_device?.events ?? []).filter(isDirect);
  return { next: next_batch, rooms, direct, isFirst: since === undefined, isAnew };
}

/** What lies between two answers of a sync, in order. */
async function gap(
  room: string,
  { from, to, isAnew, events }: {
    readonly from: string;
    readonly to: string | undefined;
    readonly isAnew: boolean;
    readonly events: readonly SyncedEvent[];
  },
  { request, signal, types, isKnown }: SyncScope,
): Promise<SyncedEvent[]> {
  // Of the past before all syncs nothing is wanted.
  if (to === undefined && !isAnew) return [];
  const isEnough = (found: readonly SyncedEvent[]): boolean =>
    to === undefined && (isKnown === undefined || found.some(isKnown));
  const found: SyncedEvent[] = [];
  let page: readonly SyncedEvent[] = events;
  let at: unknown = from;
  for (let pages = 0; typeof at === "string" && !isEnough(page); pages++) {
    // Without an end to come to there has to be one.
    if (to === undefined && pages === MOST_PAGES) break;
    const { chunk, end }: HomeserverAnswer = await request({
      method: "GET",
      path: `${CLIENT_API}/rooms/${part(room)}/messages`,
      query: {
        ...{ dir: "b", from: at, limit: String(PAGE), filter: JSON.stringify({ types }) },
        ...(to === undefined ? {} : { to }),
      },
      signal,
    });
    page = Array.isArray(chunk) ? chunk.filter(isEvent) : [];
    found.push(...page);
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
