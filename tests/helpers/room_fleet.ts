/** Several real nodes that share a room on a real homeserver: each may be killed and started again. */
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { ConfigFile } from "../../lib/config.ts";
import { MatrixSettings } from "../../lib/config_matrix.ts";
import { admitNode, roomOwner } from "../../lib/matrix/nodes_room_setup.ts";
import { setUp } from "../../lib/matrix/setup.ts";
import { type NodeProcess, startNode, type StartOptions } from "./node_process.ts";
import type { Synapse } from "./synapse.ts";

/** How the fleet's nodes are, all alike. */
export interface RoomFleetOptions {
  readonly config?: Partial<ConfigFile>;
  readonly matrix?: Partial<MatrixSettings>;
  /** How one node differs: where it runs, and how it reaches the homeserver from there. */
  readonly placeOf?: (id: string) => RoomFleetPlace | undefined;
}

/** Where a node runs. */
export interface RoomFleetPlace {
  /** Address of the homeserver's machine from there, if it has another one. */
  readonly homeserverHost?: string;
  readonly start?: StartOptions;
  readonly config?: Partial<ConfigFile>;
}

/** Tasks may leave marks outside of their workspaces, where all nodes have them in common. */
const NO_WALLS: Partial<ConfigFile> = { policy: { defaults: { isolation: "none" } } };

export class RoomFleet implements AsyncDisposable {
  readonly #dir: string;
  readonly #synapse: Synapse;
  readonly #options: RoomFleetOptions;
  readonly #nodes = new Map<string, NodeProcess>();
  readonly #accounts = new Map<string, string>();

  private constructor(dir: string, synapse: Synapse, options: RoomFleetOptions) {
    this.#dir = dir;
    this.#synapse = synapse;
    this.#options = options;
  }

  /** Sets nodes up as a person would, and starts them. The first has made the room. */
  static async start(
    synapse: Synapse,
    ids: readonly string[],
    options: RoomFleetOptions = {},
  ): Promise<RoomFleet> {
    const dir = await Deno.makeTempDir({ prefix: "cis-test-" });
    const fleet = new RoomFleet(dir, synapse, options);
    try {
      for (const id of ids) await fleet.#setUp(id);
      const [first = ""] = ids;
      for (const id of ids.slice(1)) await fleet.admit(first, id);
      for (const id of ids) await fleet.begin(id);
      for (const id of ids) await fleet.#trustOthers(id);
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
    return fleet;
  }

  /** A node that runs. */
  get(id: string): NodeProcess {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  account(id: string): string {
    return this.#accounts.get(id) ?? "";
  }

  dataDir(id: string): string {
    return join(this.#dir, id);
  }

  async admit(owner: string, id: string): Promise<void> {
    await admitNode(roomOwner(this.dataDir(owner)), { nodeId: id, userId: this.account(id) });
  }

  /** Starts a node, with what it had. */
  async begin(id: string): Promise<void> {
    const { config, matrix, placeOf } = this.#options;
    const place = placeOf?.(id);
    const node = await startNode(this.dataDir(id), {
      ...place?.start,
      config: {
        stop_grace_ms: 200,
        ...NO_WALLS,
        ...config,
        node_id: id,
        ...place?.config,
        matrix: MatrixSettings.parse({
          homeserver: this.#homeserverFor(id),
          scopes: [],
          ...matrix,
        }),
      },
    });
    this.#nodes.set(id, node);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.killHard()));
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #setUp(id: string): Promise<void> {
    const dataDir = this.dataDir(id);
    await Deno.mkdir(dataDir);
    const { user_id } = await setUp({
      homeserver: this.#synapse.url,
      dataDir,
      nodeId: id,
      registration: { by: "shared_secret", secret: this.#synapse.sharedSecret },
      invite: [],
      nodesRoom: "#nodes",
    });
    this.#accounts.set(id, user_id);
    const path = join(dataDir, "matrix.json");
    const credentials = JSON.parse(await Deno.readTextFile(path));
    const homeserver = this.#homeserverFor(id);
    await Deno.writeTextFile(path, JSON.stringify({ ...credentials, homeserver }));
  }

  #homeserverFor(id: string): string {
    const url = new URL(this.#synapse.url);
    url.hostname = this.#options.placeOf?.(id)?.homeserverHost ?? url.hostname;
    return url.origin;
  }

  /** Has a node carry out what the others hand over. */
  async #trustOthers(id: string): Promise<void> {
    for (const [name, user_id] of this.#accounts) {
      if (name === id) continue;
      dataOf(await this.get(id).client.bindToken({ user_id, name, roles: ["node"] }));
    }
  }
}
