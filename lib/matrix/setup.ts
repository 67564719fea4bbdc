/**
 * Gives a node its account on a homeserver and a control room, once, by a person's hand
 * (`deno task matrix setup`); the node itself only uses what this leaves in `matrix.json`.
 */
import { createHmac, randomBytes } from "node:crypto";
import { accountName, openAccount, type Session, signIn } from "./accounts.ts";
import {
  type Credentials,
  credentialsPath,
  readCredentials,
  type Registration,
  writeCredentials,
} from "./credentials.ts";
import { fetchRequest } from "./fetch_request.ts";
import { CLIENT_API, HomeserverError, type HomeserverRequest, part } from "./homeserver_request.ts";
import { nodesRoom, type NodesRoomFound } from "./nodes_room_setup.ts";
import { createPrivateRoom, roomByAlias } from "./private_room.ts";

/** What a person wants. */
export interface SetupWish {
  /** Address of the client-server API, or a server's name that leads there. */
  readonly homeserver: string;
  readonly dataDir: string;
  readonly nodeId: string;
  /** How accounts for workers, and the node's own unless it has one, are made. */
  readonly registration: Registration;
  /** An account that is there already. */
  readonly account?: { readonly user: string; readonly password: string };
  /** Who is asked into the control room. */
  readonly invite: readonly string[];
  /** Alias of the room that it is to share with other nodes; absent: it keeps the one it has, if any. */
  readonly nodesRoom?: string;
}

/** What was done. */
export interface SetupResult {
  readonly homeserver: string;
  readonly user_id: string;
  readonly control_room: string;
  /** The room that it shares with other nodes; null: none, or the one that it had before. */
  readonly nodes_room: NodesRoomFound | null;
  readonly credentials_file: string;
  /** What the homeserver says it is, as far as it does. */
  readonly versions: readonly string[];
}

/** The oldest version of the specification that has all that is used. */
const OLDEST_SPEC = "v1.1";

/**
 * Signs in or registers, makes the control room, writes the credentials. Done again, it signs in
 * anew and keeps the rest.
 * @throws {HomeserverError} saying what the homeserver has against it
 */
export async function setUp(wish: SetupWish): Promise<SetupResult> {
  const homeserver = await findHomeserver(wish.homeserver);
  const versions = await supported(homeserver);
  const path = credentialsPath(wish.dataDir);
  const known = readCredentials(path);
  const worker_key = known?.worker_key ?? randomBytes(32).toString("base64url");
  const session = await openNodeAccount({ ...wish, homeserver }, worker_key);
  const request = fetchRequest({ homeserver, token: session.access_token });
  const credentials: Credentials = {
    homeserver,
    ...session,
    registration: wish.registration,
    worker_key,
  };
  // Before the room is made: a second try then finds the account.
  writeCredentials(path, credentials);
  const control_room = await controlRoom(request, { session, wish });
  const { user_id } = session;
  const found = wish.nodesRoom === undefined
    ? null
    : await nodesRoom(request, { alias: wish.nodesRoom, nodeId: wish.nodeId, userId: user_id });
  const nodes_room = found?.room_id ?? known?.nodes_room;
  writeCredentials(path, {
    ...credentials,
    control_room,
    ...(nodes_room === undefined ? {} : { nodes_room }),
  });
  return {
    homeserver,
    user_id,
    control_room,
    nodes_room: found,
    credentials_file: path,
    versions,
  };
}

/** The address behind a server's name, as its `.well-known` tells it; an address is its own. */
async function findHomeserver(given: string): Promise<string> {
  if (/^https?:\/\//.test(given)) return given.replace(/\/+$/, "");
  const request = fetchRequest({ homeserver: `https://${given}` });
  const found = await request({ method: "GET", path: "/.well-known/matrix/client" });
  const { base_url } = (found["m.homeserver"] ?? {}) as { base_url?: unknown };
  if (typeof base_url === "string") return base_url.replace(/\/+$/, "");
  throw new HomeserverError(
    `https://${given} doesn't say where its homeserver is; give the homeserver's own address`,
  );
}

async function supported(homeserver: string): Promise<string[]> {
  const { versions } = await fetchRequest({ homeserver })({
    method: "GET",
    path: "/_matrix/client/versions",
  });
  const list = Array.isArray(versions) ? versions.map(String) : [];
  if (list.some((version) => /^v1\.\d+$/.test(version))) return list;
  throw new HomeserverError(
    `${homeserver} supports ${list.join(", ") || "no version of Matrix"}; ` +
      `a homeserver of ${OLDEST_SPEC} or later is needed`,
  );
}

async function openNodeAccount(wish: SetupWish, key: string): Promise<Session> {
  const request = fetchRequest({ homeserver: wish.homeserver });
  const device = `node ${wish.nodeId}`;
  if (wish.account !== undefined) {
    const { user, password } = wish.account;
    return await signIn(request, { name: user, password, device });
  }
  const name = accountName(`cis-${wish.nodeId}`);
  const password = createHmac("sha256", key).update("password of the node").digest("base64url");
  return await openAccount(request, { name, password, device }, wish.registration);
}

/** Where people follow and decide: private, for those who are invited. */
async function controlRoom(
  request: HomeserverRequest,
  { session, wish }: { readonly session: Session; readonly wish: SetupWish },
): Promise<string> {
  const server = session.user_id.replace(/^[^:]+:/, "");
  const name = `cis-${wish.nodeId}`;
  const alias = `#${name}:${server}`;
  const known = await roomByAlias(request, alias);
  if (known !== undefined && await membership(request, known, session.user_id) !== "join") {
    throw new HomeserverError(
      `${alias} is the alias of a room that ${session.user_id} is not in: have it removed, or give ` +
        "the node another name with CIS_NODE_ID",
    );
  }
  const room = known ?? await createControlRoom(request, { name, wish });
  for (const user_id of wish.invite) {
    if (await membership(request, room, user_id) === "join") continue;
    const path = `${CLIENT_API}/rooms/${part(room)}/invite`;
    await request({ method: "POST", path, body: { user_id } });
  }
  return room;
}

/** What somebody is in a room; undefined for who isn't known there, or for a room of others. */
async function membership(
  request: HomeserverRequest,
  room: string,
  user: string,
): Promise<unknown> {
  try {
    const path = `${CLIENT_API}/rooms/${part(room)}/state/m.room.member/${part(user)}`;
    return (await request({ method: "GET", path })).membership;
  } catch (error) {
    const isUnknown = error instanceof HomeserverError &&
      (error.status === 404 || error.status === 403);
    if (isUnknown) return undefined;
    throw error;
  }
}

async function createControlRoom(
  request: HomeserverRequest,
  { name, wish }: { readonly name: string; readonly wish: SetupWish },
): Promise<string> {
  return await createPrivateRoom(request, {
    room_alias_name: name,
    name: `DAGs of ${wish.nodeId}`,
    topic: "Follow runs and decide; say !dag help",
  });
}
