/** Looks at a homeserver and the rooms on it: what a person should know and mend. */
import type { Finding } from "./finding.ts";
import type { Session } from "./homeserver_session.ts";
import { CLIENT_API, HomeserverError, part } from "./homeserver_request.ts";
import type { WorkerRoom } from "./room_store.ts";
import { encryptedText, powerLevels } from "./worker_rooms.ts";

/** A clock that is off by more is worth a word: times in rooms and here would not fit. */
const CLOCK_MS = 30_000;

/** What is looked at. */
export interface Examined {
  readonly session: Session;
  readonly rooms: readonly WorkerRoom[];
  /** How often the homeserver has asked for patience in this life of the node. */
  readonly limited: number;
  /** Epoch milliseconds, by this machine's clock. */
  readonly now: () => number;
}

/** Looks. @throws {HomeserverError} when the homeserver can't be asked */
export async function examineHomeserver(examined: Examined): Promise<Finding[]> {
  const { credentials, requestNow } = examined.session;
  const { versions } = await requestNow({ method: "GET", path: "/_matrix/client/versions" });
  const newest = Array.isArray(versions) ? versions.map(String).at(-1) : undefined;
  await requestNow({ method: "GET", path: `${CLIENT_API}/account/whoami` });
  const session: Finding = {
    what: "session",
    status: "ok",
    detail: `signed in as ${credentials.user_id} on ${credentials.homeserver}, Matrix ${newest}`,
    advice: null,
  };
  const control = await controlRoom(examined);
  const hasControl = control.status === "ok" && credentials.control_room !== undefined;
  const room = hasControl ? credentials.control_room : examined.rooms[0]?.room_id;
  return [
    session,
    await clock(examined, room),
    control,
    await rooms(examined),
    rateLimits(examined),
  ];
}

async function clock(
  { session, now }: Examined,
  room: string | undefined,
): Promise<Finding> {
  const what = "clock";
  if (room === undefined) {
    return { what, status: "ok", detail: "no room to tell by yet", advice: null };
  }
  const path = `${CLIENT_API}/rooms/${part(room)}/messages`;
  const { chunk } = await session.requestNow({
    method: "GET",
    path,
    query: { dir: "b", limit: "1" },
  });
  const [event] = (Array.isArray(chunk) ? chunk : []) as {
    origin_server_ts?: number;
    unsigned?: { age?: number };
  }[];
  const theirs = (event?.origin_server_ts ?? NaN) + (event?.unsigned?.age ?? NaN);
  const off = Math.round((theirs - now()) / 1000);
  if (!(Math.abs(off) * 1000 > CLOCK_MS)) {
    return {
      what,
      status: "ok",
      detail: "the homeserver's agrees with this machine's",
      advice: null,
    };
  }
  return {
    what,
    status: "warning",
    detail: `the homeserver's is ${Math.abs(off)} seconds ${
      off > 0 ? "ahead of" : "behind"
    } this machine's`,
    advice: "set the clocks of both, as with NTP",
  };
}

async function rooms({ session, rooms }: Examined): Promise<Finding> {
  const problems = (await Promise.all(rooms.map((room) => problemsOf(session, room)))).flat();
  const what = "rooms";
  if (problems.length === 0) {
    const detail = rooms.length === 0
      ? "none is made yet"
      : `${rooms.length} are as they should be`;
    return { what, status: "ok", detail, advice: null };
  }
  return {
    what,
    status: "failed",
    detail: problems.join("; "),
    advice: "put back what was changed, or remove the room's alias and have a new room made",
  };
}

/** Where people follow and decide. */
async function controlRoom({ session }: Examined): Promise<Finding> {
  const { control_room: room } = session.credentials;
  const what = "control room";
  const advice = "make one with: deno task matrix setup";
  if (room === undefined) {
    return { what, status: "ok", detail: `there is none; ${advice}`, advice: null };
  }
  const state = stateReader(session, room);
  if (await state("m.room.power_levels") === undefined) {
    return { what, status: "failed", detail: "the node is not in it any more", advice };
  }
  if (await state("m.room.encryption") === undefined) {
    return { what, status: "ok", detail: "people follow and decide there", advice: null };
  }
  const detail = "it is encrypted, and the node doesn't read encrypted rooms";
  return { what, status: "failed", detail, advice: `remove its alias, and ${advice}` };
}

/** Reads the state of a room; undefined: there is none, or it isn't the node's to see. */
function stateReader(
  session: Session,
  room: string,
): (type: string, key?: string) => Promise<Record<string, unknown> | undefined> {
  return async (type, key = "") => {
    try {
      const path = `${CLIENT_API}/rooms/${part(room)}/state/${part(type)}/${part(key)}`;
      return { ...await session.requestNow({ method: "GET", path }) };
    } catch (error) {
      if (error instanceof HomeserverError && !error.isPassing) return undefined;
      throw error;
    }
  };
}

async function problemsOf(session: Session, room: WorkerRoom): Promise<string[]> {
  const state = stateReader(session, room.room_id);
  const [encryption, levels, member] = await Promise.all([
    state("m.room.encryption"),
    state("m.room.power_levels"),
    state("m.room.member", room.user_id),
  ]);
  const expected = powerLevels(session.credentials.user_id, room.user_id);
  return [
    ...(levels === undefined ? [`the node is not in ${room.alias} any more`] : []),
    ...(encryption === undefined ? [] : [encryptedText(room.alias)]),
    ...(levels !== undefined && !isAsStrict(levels, expected)
      ? [`in ${room.alias} others than the node may dispatch, or others than the worker report`]
      : []),
    ...(member?.membership === "join" || member?.membership === "invite"
      ? []
      : [`${room.user_id} is not in ${room.alias}`]),
  ];
}

/** Whether levels let nobody do what the ones that the room was made with don't. */
function isAsStrict(levels: Record<string, unknown>, expected: Record<string, unknown>): boolean {
  const users = (levels.users ?? {}) as Record<string, number>;
  const expectedUsers = expected.users as Record<string, number>;
  const events = (levels.events ?? {}) as Record<string, number>;
  return Number(levels.users_default ?? 0) <= 0 &&
    Number(levels.events_default ?? 0) >= Number(expected.events_default) &&
    Object.entries(users).every(([user, level]) => level <= (expectedUsers[user] ?? 0)) &&
    Object.entries(expected.events as Record<string, number>)
      .every(([type, level]) => !type.startsWith("io.cis.") || Number(events[type]) >= level);
}

function rateLimits({ limited }: Examined): Finding {
  const what = "rate limits";
  if (limited === 0) return { what, status: "ok", detail: "none has been met", advice: null };
  return {
    what,
    status: "warning",
    detail: `the homeserver has asked for patience ${limited} times since the node started`,
    advice: "have the limits lifted for the accounts of node and workers; see docs/matrix.md",
  };
}
