/** How frames travel between workers and the node: late, twice, out of order, or not at all. */
import type { SimNode } from "./sim_node.ts";
import type { SimWorker } from "./sim_worker.ts";
import type { World } from "./world.ts";

/** One connection of a worker to a node. */
export interface Connection {
  readonly node: SimNode;
  readonly worker: SimWorker;
  isOpen: boolean;
  /** When the last frame arrives, to each of the two. */
  readonly last: { node: number; worker: number };
}

/** What a worker says. */
export interface Frame {
  readonly txn: number;
  readonly type: string;
  readonly content: unknown;
}

/** How long until a connection that has lost a frame is found to be dead. */
const BREAKS_WITHIN_MS = 3_000;
/** How long until a worker whose event could not be kept has to come back with it. */
const ASK_AGAIN_MS = 1_000;

export class Network {
  readonly #world: World;
  readonly #links = new Map<string, Connection>();
  /** Whether frames get lost; in the end none does. */
  isFaulty = true;

  constructor(world: World) {
    this.#world = world;
  }

  /** A worker tries to reach the node, and is told what came of it. */
  connect(worker: SimWorker): void {
    const { time, chance } = this.#world;
    time.after(chance.span(1, 20), () => {
      const { node } = this.#world;
      if (!worker.isAlive) return;
      if (node === undefined || !node.listens) return worker.disconnected();
      if (!node.pool.authenticate(worker)) return worker.refused();
      const connection: Connection = { node, worker, isOpen: true, last: { node: 0, worker: 0 } };
      this.drop(worker.id);
      this.#links.set(worker.id, connection);
      worker.welcome(connection);
    });
  }

  /** Ends a worker's connection without a word to the node. */
  drop(workerId: string, instance?: string): void {
    const link = this.#links.get(workerId);
    if (link === undefined || (instance ?? link.worker.instance) !== link.worker.instance) return;
    this.#links.delete(workerId);
    this.#close(link);
  }

  /** The node is dead: all its connections are. */
  dropAll(): void {
    for (const workerId of [...this.#links.keys()]) this.drop(workerId);
  }

  /** Cuts some worker's connection, if there is one. */
  cutOne(): void {
    const links = [...this.#links.values()];
    if (links.length > 0) this.break(this.#world.chance.oneOf(links));
  }

  /** A connection breaks, and both ends see it. */
  break(link: Connection): void {
    if (!link.isOpen) return;
    this.#world.trace(() => `the connection of ${link.worker.name} breaks`);
    this.#close(link);
    if (this.#links.get(link.worker.id) !== link) return;
    this.#links.delete(link.worker.id);
    if (!link.node.isDead) link.node.pool.away(link.worker);
  }

  /** From the node into a worker's room. */
  toWorker(workerId: string, event: { readonly type: string; readonly content: string }): void {
    const link = this.#links.get(workerId);
    if (link === undefined) return;
    this.#send(link, "worker", () => {
      if (link.worker.isAlive) link.worker.receive(event.type, JSON.parse(event.content));
    });
  }

  /** From a worker to its node. */
  toNode(link: Connection, frame: Frame): void {
    const { node, worker } = link;
    this.#send(link, "node", () => {
      if (node.isDead) return;
      node.receive(worker, frame).then(
        () => this.#send(link, "worker", () => worker.confirmed(frame.txn)),
        () => this.#world.time.after(ASK_AGAIN_MS, () => this.break(link)),
      );
    });
  }

  #close(link: Connection): void {
    link.isOpen = false;
    link.worker.disconnected(link);
  }

  #send(link: Connection, to: "node" | "worker", arrive: () => void): void {
    const { time, chance, plan: { messages } } = this.#world;
    if (this.isFaulty && chance.happens(messages.lost)) {
      this.#world.trace(() => `a frame to the ${to} is lost (${link.worker.name})`);
      time.after(chance.span(1, BREAKS_WITHIN_MS), () => this.break(link));
      return;
    }
    const copies = this.isFaulty && chance.happens(messages.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = this.isFaulty ? chance.span(0.1, messages.longestDelay) : 1;
      const inOrder = Math.max(time.elapsed + delay, link.last[to]);
      if (!messages.disordered) link.last[to] = inOrder;
      const at = messages.disordered ? time.elapsed + delay : inOrder;
      time.after(at - time.elapsed, () => {
        if (link.isOpen || messages.disordered) arrive();
      });
    }
  }
}
