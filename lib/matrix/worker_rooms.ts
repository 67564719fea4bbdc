/**
 * Makes a worker's room on the homeserver: private, with power levels by which only the node
 * dispatches and only this worker reports, and with an account of the worker's own in it.
 */
import { createHmac } from "node:crypto";
import { accountName, openAccount, type Session } from "./accounts.ts";
import type { Credentials } from "./credentials.ts";
import { CLIENT_API, HomeserverError, type HomeserverRequest, part } from "./homeserver_request.ts";
import { createPrivateRoom, LEVELLED_VERSION, roomByAlias } from "./private_room.ts";
import type { WorkerRoom } from "./room_store.ts";

/** Whose room. */
export interface RoomWish {
  readonly workerId: string;
  /** Key of its scope. */
  readonly scope: string;
  readonly nodeId: string;
  /** Where its tasks work by the node's paths, for a worker of another machine. */
  readonly workspace: string | null;
}

/** What making rooms takes. */
export interface RoomMaker {
  readonly credentials: Credentials;
  /** As the node. */
  readonly request: HomeserverRequest;
  /** As anybody else. @param token of an account; undefined: of none */
  readonly requestAs: (token: string | undefined) => HomeserverRequest;
}

/** Tells in a room whose it is: what a worker on another machine goes by. */
export const ROOM_STATE = "io.cis.worker";
const NODE_LEVEL = 100;
const WORKER_LEVEL = 50;

/**
 * Makes a room and an account, or takes up what is there of both.
 * @param known what was made earlier
 * @throws {HomeserverError} also for a room that is encrypted or somebody else's
 */
export async function makeWorkerRoom(
  maker: RoomMaker,
  wish: RoomWish,
  known?: WorkerRoom,
): Promise<WorkerRoom> {
  const session = await workerSession(maker, wish, known);
  const server = maker.credentials.user_id.replace(/^[^:]+:/, "");
  const name = `${wish.workerId}-${wish.nodeId}`;
  const alias = `#${name}:${server}`;
  const room_id = await roomByAlias(maker.request, alias) ??
    await createRoom(maker, { wish, name, session });
  await admit(maker, { room: room_id, alias, session, wish });
  return {
    worker_id: wish.workerId,
    scope: wish.scope,
    room_id,
    alias,
    user_id: session.user_id,
    access_token: session.access_token,
  };
}

/** A key that node and worker know and the homeserver doesn't: for secrets on their way. */
export function workerKey({ worker_key }: Credentials, workerId: string): string {
  return createHmac("sha256", worker_key).update(`key ${workerId}`).digest("base64url");
}

async function workerSession(
  { credentials, requestAs }: RoomMaker,
  { workerId, nodeId }: RoomWish,
  known: WorkerRoom | undefined,
): Promise<Pick<Session, "user_id" | "access_token">> {
  if (known !== undefined && await isSignedIn(requestAs(known.access_token))) return known;
  const password = createHmac("sha256", credentials.worker_key).update(`password ${workerId}`)
    .digest("base64url");
  const name = accountName(`cis-${nodeId}-${workerId}`);
  const wish = { name, password, device: `${workerId} of ${nodeId}` };
  return await openAccount(requestAs(undefined), wish, credentials.registration);
}

async function isSignedIn(request: HomeserverRequest): Promise<boolean> {
  try {
    await request({ method: "GET", path: `${CLIENT_API}/account/whoami` });
    return true;
  } catch (error) {
    if (error instanceof HomeserverError && error.isSignedOut) return false;
    throw error;
  }
}

async function createRoom(
  { request, credentials }: RoomMaker,
  { wish, name, session }: {
    readonly wish: RoomWish;
    readonly name: string;
    readonly session: Pick<Session, "user_id">;
  },
): Promise<string> {
  const { workerId, scope, nodeId } = wish;
  return await createPrivateRoom(request, {
    room_version: LEVELLED_VERSION,
    room_alias_name: name,
    name: `${workerId} of ${nodeId}`,
    topic: `Tasks of ${scope} on the node ${nodeId}`,
    invite: [session.user_id],
    initial_state: [{
      type: ROOM_STATE,
      state_key: "",
      content: roomState(wish, credentials),
    }],
    power_level_content_override: powerLevels(credentials.user_id, session.user_id),
  });
}

/** What a worker on another machine has to know. */
function roomState(
  { workerId, scope, nodeId, workspace }: RoomWish,
  { user_id }: Credentials,
): Record<string, unknown> {
  return { v: 1, worker_id: workerId, scope, node_id: nodeId, node: user_id, workspace };
}

/** What whose account may say in a worker's room. */
export function powerLevels(node: string, worker: string): Record<string, unknown> {
  const reports = [
    "task.result",
    "task.log",
    "worker.ready",
    "worker.heartbeat",
    "worker.shutdown",
  ];
  return {
    users: { [node]: NODE_LEVEL, [worker]: WORKER_LEVEL },
    users_default: 0,
    // People may talk; what has a meaning to node or worker isn't theirs to say.
    events_default: NODE_LEVEL,
    state_default: NODE_LEVEL,
    events: {
      "m.room.message": 0,
      "m.reaction": 0,
      ...Object.fromEntries(reports.map((name) => [`io.cis.${name}`, WORKER_LEVEL])),
    },
    invite: NODE_LEVEL,
    kick: NODE_LEVEL,
    ban: NODE_LEVEL,
    redact: NODE_LEVEL,
  };
}

/** Sees to it that the room can be used and the worker may come in. */
async function admit(
  { request, credentials }: RoomMaker,
  { room, alias, session, wish }: {
    readonly room: string;
    readonly alias: string;
    readonly session: Pick<Session, "user_id">;
    readonly wish: RoomWish;
  },
): Promise<void> {
  const state = async (type: string, key: string): Promise<Record<string, unknown> | undefined> => {
    try {
      const path = `${CLIENT_API}/rooms/${part(room)}/state/${part(type)}/${part(key)}`;
      return { ...await request({ method: "GET", path }) };
    } catch (error) {
      if (error instanceof HomeserverError && error.status === 404) return undefined;
      if (error instanceof HomeserverError && error.status === 403) {
        throw new HomeserverError(
          `the room ${alias} is somebody else's: ${credentials.user_id} is not in it; ` +
            "have its alias removed",
          { status: 403 },
        );
      }
      throw error;
    }
  };
  if (await state("m.room.encryption", "") !== undefined) {
    throw new HomeserverError(encryptedText(alias), { status: 403, code: "encrypted" });
  }
  const told = roomState(wish, credentials);
  if ((await state(ROOM_STATE, ""))?.workspace !== told.workspace) {
    const path = `${CLIENT_API}/rooms/${part(room)}/state/${part(ROOM_STATE)}/`;
    await request({ method: "PUT", path, body: told });
  }
  const member = await state("m.room.member", session.user_id);
  if (member?.membership === "join" || member?.membership === "invite") return;
  const path = `${CLIENT_API}/rooms/${part(room)}/invite`;
  await request({ method: "POST", path, body: { user_id: session.user_id } });
}

/** Why an encrypted room is no use. */
export function encryptedText(alias: string): string {
  return `the room ${alias} is encrypted, and neither node nor worker reads encrypted rooms: remove ` +
    "its alias, see to it that the homeserver doesn't encrypt new rooms by itself " +
    "(encryption_enabled_by_default_for_room_type), and a new room is made";
}
