/**
 * A worker on a machine without a node: it has a room on a homeserver and its token, and by them finds
 * out whose worker it is. What its tasks may touch is for this machine's settings to say.
 */
import { join } from "node:path";
import { z } from "zod";
import { type Config, loadNodeConfig } from "./config.ts";
import { fetchRequest } from "./matrix/fetch_request.ts";
import {
  CLIENT_API,
  HomeserverError,
  type HomeserverRequest,
  part,
} from "./matrix/homeserver_request.ts";
import { ROOM_STATE } from "./matrix/worker_rooms.ts";
import { nodeWorkerCommand } from "./node_worker_command.ts";
import type { RoomAccess } from "./schema/link_frames.ts";
import { parseScopeText, roomId } from "./schema/scope.ts";
import { groundPaths } from "./worker/ground_settings.ts";
import { MachineMeans } from "./worker/machine_means.ts";
import { ScopePolicies } from "./worker/scope_policies.ts";
import { detectWalls, noWalls } from "./worker/walls.ts";
import type { WorkerCommand } from "./worker/worker_command.ts";
import { workspaceOf } from "./worker/workspace.ts";

/** What a worker comes with. */
export interface RemoteWorkerWish {
  readonly homeserver: string;
  /** Alias or id of its room. */
  readonly room: string;
  /** As the node wrote it: the key of secrets and the account's session. */
  readonly token: string;
}

/** Everything to start it with. */
export interface RemoteWorker {
  readonly worker_id: string;
  readonly room_id: string;
  readonly command: WorkerCommand;
}

/** What a node says in a worker's room about it. */
const RoomState = z.object({
  v: z.literal(1),
  worker_id: z.string(),
  scope: z.string(),
  node_id: z.string(),
  node: z.string(),
  workspace: z.string().nullable(),
});

/** Longest wait that a timer knows: a worker on another machine waits for its node. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * Goes into the room and works out how the worker is started.
 * @throws {HomeserverError} when the room or the token is no use; {ConfigError}
 */
export async function remoteWorker(wish: RemoteWorkerWish): Promise<RemoteWorker> {
  const { homeserver, room, token } = wish;
  const [key = "", ...rest] = token.trim().split(".");
  const access_token = rest.join(".");
  if (access_token === "") {
    throw new HomeserverError("the room's token isn't one: it has the form <key>.<session>");
  }
  const request = fetchRequest({ homeserver, token: access_token });
  const { user_id } = await request({ method: "GET", path: `${CLIENT_API}/account/whoami` });
  const state = await enter(request, room);
  const scope = parseScopeText(state.scope);
  if (scope === undefined) throw new HomeserverError(`${room} is for no scope: "${state.scope}"`);
  const config = remoteConfig();
  const access: RoomAccess = {
    homeserver,
    room,
    user_id: String(user_id),
    access_token,
    node: state.node,
    key,
    ...(state.workspace === null ? {} : { workspace: state.workspace }),
  };
  const machine = await machineOf(config);
  const place = {
    workerId: state.worker_id,
    scope,
    roomId: roomId(state.worker_id, state.node_id),
    nodeId: state.node_id,
    instance: crypto.randomUUID(),
    // There is no socket file to prove itself at.
    secret: "",
  };
  const command = nodeWorkerCommand(place, {
    config,
    machine,
    policies: policiesOf(config, machine),
    // They come sealed, once it is in its room.
    secrets: { valuesFor: () => ({ values: {}, problems: [] }) },
    report: () => {},
    transport: { access: () => access },
  });
  return {
    worker_id: place.workerId,
    room_id: place.roomId,
    command: { ...command, bootstrap: { ...command.bootstrap, orphan_grace_ms: FOR_EVER_MS } },
  };
}

function remoteConfig(): Config {
  const config = loadNodeConfig();
  Deno.mkdirSync(join(config.data_dir, "tmp"), { recursive: true, mode: 0o700 });
  return config;
}

async function enter(
  request: HomeserverRequest,
  room: string,
): Promise<z.infer<typeof RoomState>> {
  const path = `${CLIENT_API}/join/${part(room)}`;
  const { room_id } = await request({ method: "POST", path, body: {} });
  const said = await request({
    method: "GET",
    path: `${CLIENT_API}/rooms/${part(String(room_id))}/state/${part(ROOM_STATE)}/`,
  }).catch((error) => {
    if (error instanceof HomeserverError && error.status === 404) return {};
    throw error;
  });
  const state = RoomState.safeParse(said);
  if (state.success) return state.data;
  throw new HomeserverError(`${room} is no worker's room: nothing there says whose it is`);
}

async function machineOf({ bubblewrap }: Config): Promise<MachineMeans> {
  if (bubblewrap === null) return MachineMeans.none("the settings have none");
  const walls = bubblewrap === undefined ? await detectWalls() : await detectWalls([bubblewrap]);
  return new MachineMeans({
    walls: walls.bubblewrap === null ? noWalls(walls.reason ?? "there are none") : walls,
    // Control groups are a node's: it removes them again.
    cgroups: undefined,
  });
}

function policiesOf(config: Config, machine: MachineMeans): ScopePolicies {
  return new ScopePolicies({
    file: config.policy,
    walls: () => machine.walls,
    workspaceOf: (scope) => workspaceOf(scope, config),
    groundSettings: () => ({ ...groundPaths({ ...config, address: config }), addresses: [] }),
  });
}
