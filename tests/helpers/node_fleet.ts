/** Several real nodes that know each other: each may be killed and started again where it was. */
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import type { ConfigFile } from "../../lib/config.ts";
import { type NodeProcess, startNode } from "./node_process.ts";

/** Tasks may leave marks outside of their workspaces, where all nodes have them in common. */
const NO_WALLS: Partial<ConfigFile> = { policy: { defaults: { isolation: "none" } } };

/** Nodes by their ids. */
export class NodeFleet implements AsyncDisposable {
  readonly #dir: string;
  readonly #nodes = new Map<string, NodeProcess>();
  readonly #ports = new Map<string, number>();
  readonly #config: Partial<ConfigFile>;

  private constructor(dir: string, config: Partial<ConfigFile>) {
    this.#dir = dir;
    this.#config = config;
  }

  /** Starts nodes that all know each other. The first knows where it is known from the beginning. */
  static async start(ids: readonly string[], config: Partial<ConfigFile> = {}): Promise<NodeFleet> {
    const fleet = new NodeFleet(await Deno.makeTempDir({ prefix: "cis-test-" }), config);
    try {
      for (const id of ids) await fleet.begin(id);
      for (const to of ids) {
        for (const from of ids) if (to !== from) await fleet.#introduce(from, to);
      }
      // Again, now that the settings can name every address.
      for (const id of ids) {
        await fleet.get(id).stop();
        await fleet.begin(id, ids);
      }
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

  /** Where a node keeps its data. */
  dataDir(id: string): string {
    return join(this.#dir, id);
  }

  /** Starts a node, at the address that it had. */
  async begin(id: string, peers: readonly string[] = [...this.#ports.keys()]): Promise<void> {
    const nodes = Object.fromEntries(
      peers.filter((peer) => peer !== id).map((peer) => [peer, {
        url: `http://127.0.0.1:${this.#ports.get(peer)}`,
        token_file: this.#tokenFile(id, peer),
      }]),
    );
    const node = await startNode(this.dataDir(id), {
      port: this.#ports.get(id) ?? 0,
      config: { stop_grace_ms: 200, ...NO_WALLS, ...this.#config, node_id: id, nodes },
    });
    this.#nodes.set(id, node);
    this.#ports.set(id, Number(new URL(node.url).port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.killHard()));
    await Deno.remove(this.#dir, { recursive: true });
  }

  /** Gives `from` a token for `to`. */
  async #introduce(from: string, to: string): Promise<void> {
    const answer = dataOf(await this.get(to).client.createToken({ name: from, roles: ["node"] }));
    await Deno.writeTextFile(this.#tokenFile(from, to), answer.token);
  }

  #tokenFile(from: string, to: string): string {
    return join(this.#dir, `${from}-to-${to}.token`);
  }
}
