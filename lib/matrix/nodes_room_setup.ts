/**
 * The room that nodes share: made once, by the hand of whoever sets the first node up, who also says
 * which accounts are nodes in it. By its power levels nobody else has a say there.
 */
import { type Credentials, credentialsPath, readCredentials } from "./credentials.ts";
import { fetchRequest } from "./fetch_request.ts";
import { CLIENT_API, HomeserverError, type HomeserverRequest, part } from "./homeserver_request.ts";
import { createPrivateRoom, LEVELLED_VERSION, roomByAlias } from "./private_room.ts";

/** State of the room, as in lib/schema/node_events.ts, which would bring more along than is needed here. */
export const MEMBER = "io.cis.node.member";
const INFO = "io.cis.node.info";
const OWNER_LEVEL = 100;
/** What a node has, and nobody else. */
export const NODE_LEVEL = 50;

/** A room that nodes share. */
export interface NodesRoomFound {
  readonly room_id: string;
  readonly alias: string;
  /** Whether this node may come in. */
  readonly is_admitted: boolean;
}

/**
 * Finds the room, or makes it with this node as the first in it.
 * @param alias such as `#nodes:example.org`, or a name alone
 * @throws {HomeserverError}
 */
export async function nodesRoom(
  request: HomeserverRequest,
  { alias: given, nodeId, userId }: {
    readonly alias: string;
    readonly nodeId: string;
    readonly userId: string;
  },
): Promise<NodesRoomFound> {
  const server = userId.replace(/^[^:]+:/, "");
  const name = given.replace(/^#/, "").replace(/:.*$/, "");
  const alias = `#${name}:${server}`;
  const known = await roomByAlias(request, alias);
  if (known === undefined) {
    const room_id = await create(request, { name, nodeId, userId });
    return { room_id, alias, is_admitted: true };
  }
  return { room_id: known, alias, is_admitted: await comesIn(request, known) };
}

/** A homeserver's session with what goes on in the room. */
export interface RoomOwner {
  readonly credentials: Credentials;
  readonly request: HomeserverRequest;
  readonly room: string;
}

/** This machine's node, as the one that made the room. @throws {HomeserverError} */
export function roomOwner(dataDir: string): RoomOwner {
  const credentials = readCredentials(credentialsPath(dataDir));
  const room = credentials?.nodes_room;
  if (credentials === undefined || room === undefined) {
    throw new HomeserverError(
      "this machine's node shares no room with others; give it one with: deno task matrix setup " +
        "--nodes-room <name>",
    );
  }
  const { homeserver, access_token: token } = credentials;
  return { credentials, room, request: fetchRequest({ homeserver, token }) };
}

/** Makes an account a node of the room. @throws {HomeserverError} */
export async function admitNode(
  { request, room }: RoomOwner,
  { nodeId, userId }: { readonly nodeId: string; readonly userId: string },
): Promise<void> {
  await setLevel(request, room, { userId, level: NODE_LEVEL });
  await putState(request, { room, type: MEMBER, key: nodeId, content: { v: 1, user_id: userId } });
  const membership = (await state(request, room, { type: "m.room.member", key: userId }))
    ?.membership;
  if (membership === "join" || membership === "invite") return;
  const path = `${CLIENT_API}/rooms/${part(room)}/invite`;
  await request({ method: "POST", path, body: { user_id: userId } });
}

/**
 * What the account of a node says doesn't count from now on, and it is put out of the room.
 * @returns the account; undefined where no node has that name
 * @throws {HomeserverError}
 */
export async function dismissNode(
  { request, room }: RoomOwner,
  nodeId: string,
): Promise<string | undefined> {
  const member = await state(request, room, { type: MEMBER, key: nodeId });
  const userId = member?.user_id;
  if (typeof userId !== "string") return undefined;
  await putState(request, { room, type: MEMBER, key: nodeId, content: {} });
  await setLevel(request, room, { userId, level: 0 });
  const path = `${CLIENT_API}/rooms/${part(room)}/kick`;
  await request({ method: "POST", path, body: { user_id: userId, reason: "dismissed" } });
  return userId;
}

async function create(
  request: HomeserverRequest,
  { name, nodeId, userId }: {
    readonly name: string;
    readonly nodeId: string;
    readonly userId: string;
  },
): Promise<string> {
  return await createPrivateRoom(request, {
    room_version: LEVELLED_VERSION,
    room_alias_name: name,
    name: "Nodes",
    topic: "Nodes share runs here",
    initial_state: [{ type: MEMBER, state_key: nodeId, content: { v: 1, user_id: userId } }],
    power_level_content_override: nodesRoomLevels(userId),
  });
}

/** What whose account may say in the nodes' room, when it is made. */
export function nodesRoomLevels(owner: string): Record<string, unknown> {
  return {
    users: { [owner]: OWNER_LEVEL },
    users_default: 0,
    events_default: NODE_LEVEL,
    state_default: OWNER_LEVEL,
    events: { [INFO]: NODE_LEVEL, [MEMBER]: OWNER_LEVEL, "m.room.message": 0, "m.reaction": 0 },
    invite: OWNER_LEVEL,
    kick: OWNER_LEVEL,
    ban: OWNER_LEVEL,
    redact: OWNER_LEVEL,
  };
}

async function setLevel(
  request: HomeserverRequest,
  room: string,
  { userId, level }: { readonly userId: string; readonly level: number },
): Promise<void> {
  const type = "m.room.power_levels";
  const levels = await state(request, room, { type, key: "" }) ?? {};
  const { [userId]: present = 0, ...users } = (levels.users ?? {}) as Record<string, number>;
  // Who may do more, as the one that made the room, keeps that.
  if (present === level || (level > 0 && present > level)) return;
  const content = { ...levels, users: level === 0 ? users : { ...users, [userId]: level } };
  await putState(request, { room, type, key: "", content });
}

async function comesIn(request: HomeserverRequest, room: string): Promise<boolean> {
  try {
    await request({ method: "POST", path: `${CLIENT_API}/join/${part(room)}`, body: {} });
    return true;
  } catch (error) {
    if (error instanceof HomeserverError && error.status === 403) return false;
    throw error;
  }
}

async function state(
  request: HomeserverRequest,
  room: string,
  { type, key }: { readonly type: string; readonly key: string },
): Promise<Record<string, unknown> | undefined> {
  try {
    const path = `${CLIENT_API}/rooms/${part(room)}/state/${part(type)}/${part(key)}`;
    return { ...await request({ method: "GET", path }) };
  } catch (error) {
    if (error instanceof HomeserverError && error.status === 404) return undefined;
    throw error;
  }
}

async function putState(
  request: HomeserverRequest,
  { room, type, key, content }: {
    readonly room: string;
    readonly type: string;
    readonly key: string;
    readonly content: object;
  },
): Promise<void> {
  const path = `${CLIENT_API}/rooms/${part(room)}/state/${part(type)}/${part(key)}`;
  await request({ method: "PUT", path, body: content });
}
