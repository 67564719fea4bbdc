/**
 * The room that nodes share: this node comes into it, says what it is, hears the others, and gives what they
 * say to who writes it down and acts on it.
 */
import { Complaints } from "../matrix/complaints.ts";
import type { RoomListener } from "../matrix/homeserver_inbox.ts";
import { HomeserverOutbox, NODES_OUTBOX } from "../matrix/homeserver_outbox.ts";
import { CLIENT_API, HomeserverError, part } from "../matrix/homeserver_request.ts";
import { type Session, troubleText } from "../matrix/homeserver_session.ts";
import type { HomeserverTransport } from "../matrix/homeserver_transport.ts";
import { OutboxSender } from "../matrix/outbox_sender.ts";
import { pause } from "../api/pause.ts";
import type { SyncBatch, SyncedEvent } from "../matrix/sync_batch.ts";
import type { Node } from "../node.ts";
import type { EventView } from "../schema/api.ts";
import { NODE_HEARTBEAT, NODE_INFO, NODE_MEMBER, NodeAliveContent } from "../schema/node_events.ts";
import { VERSION } from "../version.ts";
import { type LeaseTerms, leaseTerms } from "./lease.ts";
import { readNodeEvent, type Said } from "./node_event_reader.ts";
import { SharedRuns } from "./shared_runs.ts";
import { SharedTimeline } from "./shared_timeline.ts";
import { StatusTeller } from "./status_teller.ts";

/** How often it is seen what has to stop or may begin, in milliseconds. */
const LOOK_MS = 250;
/** How often nodes tell each other that they are there. */
const ALIVE_MS = 10_000;
/** After a no, how long until it is tried again to come into the room. */
const COME_AGAIN_MS = 5_000;
/** A claim may be renewed so many times before it is over. */
const RENEWALS = 4;

/** What the room takes. */
export interface NodesRoomParts {
  readonly node: Node;
  readonly homeserver: HomeserverTransport;
  /** The homeserver's id of the room. */
  readonly room: string;
}

export class NodesRoom implements RoomListener {
  readonly #parts: NodesRoomParts;
  readonly #complaints: Complaints;
  readonly #sender: OutboxSender;
  readonly #timeline: SharedTimeline;
  readonly #runs: SharedRuns;
  readonly #teller: StatusTeller;
  readonly #terms: LeaseTerms;
  #self: string | undefined;
  #trouble: string | undefined;
  #count = 0;

  constructor(parts: NodesRoomParts) {
    const { node, homeserver, room } = parts;
    this.#parts = parts;
    this.#complaints = new Complaints(node.report);
    const outbox = new HomeserverOutbox(node.db);
    this.#sender = new OutboxSender({
      outbox,
      signal: node.ending,
      session: () => homeserver.session(),
      roomOf: (key) => key === NODES_OUTBOX ? room : undefined,
      onTaken: (anchor) => homeserver.landmarks.add(anchor),
      onTrouble: (_, reason) => this.#setTrouble(reason),
    });
    const wake = (): void => this.#sender.wake(NODES_OUTBOX);
    this.#timeline = new SharedTimeline({
      node,
      onComplaint: (who, what) => this.#complaints.tell(who, what),
    });
    const { config } = node;
    this.#terms = leaseTerms({ ...config, hold_ms: config.matrix?.hold_ms ?? 0 });
    this.#runs = new SharedRuns({
      node,
      outbox,
      terms: this.#terms,
      now: () => ({ steady: performance.now(), wall: Date.now() }),
      say: (type, content) => this.#say(type, content),
      isMember: () => this.#isMember(this.#self),
      wake,
    });
    this.#teller = new StatusTeller({ node, outbox, wake });
  }

  /** Before the node starts: what an earlier life may not go on with is put down first. */
  async start(): Promise<void> {
    const { node } = this.#parts;
    await node.db.write((tx) => node.handovers.shared.prune(tx));
    await this.#runs.takeUp();
    this.#teller.start();
    const unsubscribe = node.events.subscribe((events) => this.#hearOwn(events));
    const timers = [
      setInterval(() => void this.#look(), LOOK_MS),
      setInterval(() => void this.#try(this.#runs.renew()), this.#terms.holdMs / RENEWALS),
      setInterval(() => void this.#sayAlive(), ALIVE_MS),
    ];
    node.ending.addEventListener("abort", () => {
      unsubscribe();
      timers.forEach(clearInterval);
      this.#complaints.stop();
    }, { once: true });
    void this.#comeIn();
  }

  async hear(batch: SyncBatch, session: Session): Promise<void> {
    const { node, room } = this.#parts;
    this.#self = session.credentials.user_id;
    for (const { type, sender, content } of batch.direct) {
      const isAlive = type === NODE_HEARTBEAT && NodeAliveContent.safeParse(content).success;
      if (isAlive && this.#isMember(sender)) node.handovers.shared.presence.heard(sender);
    }
    const events = batch.rooms.get(room) ?? [];
    if (events.length > 0 && !node.handovers.shared.knows(room)) {
      await this.#readMembers(session);
    } else if (!batch.isFirst || batch.isAnew) await this.#take(events, session);
    this.#sender.wake(NODES_OUTBOX);
    await this.#look();
  }

  isKnown({ event_id }: SyncedEvent): boolean {
    return this.#parts.node.handovers.shared.hasSeen(event_id);
  }

  async #take(events: readonly SyncedEvent[], session: Session): Promise<void> {
    const { node } = this.#parts;
    const told: Said[] = [];
    const accounts = new Set(node.handovers.shared.nodes().map(({ user_id }) => user_id));
    for (const event of events) {
      const isMember = (user: string): boolean => accounts.has(user);
      const said = await readNodeEvent(event, { session, isMember });
      if (said === undefined) continue;
      if (said.kind === "member" && said.userId !== null) accounts.add(said.userId);
      told.push(said);
    }
    // In one commit; what can't be written down takes nothing else with it.
    const written = told.map((said) => node.db.write((tx) => this.#timeline.take(tx, said)));
    for (const [at, result] of (await Promise.allSettled(written)).entries()) {
      const said = told[at];
      if (said === undefined) continue;
      node.handovers.shared.presence.heard(said.sender);
      if (result.status === "rejected") {
        this.#complaints.tell(said.sender, `an event that failed: ${String(result.reason)}`);
      }
      if (said.kind === "io.cis.dag.claim" && "claim" in said.content) {
        this.#runs.heardOwn(said.content.run_id, said.content.claim);
      }
    }
  }

  /** Who the nodes are, when this one comes into the room: from then on the timeline tells. */
  async #readMembers({ requestNow }: Session): Promise<void> {
    const { node, room } = this.#parts;
    const path = `${CLIENT_API}/rooms/${part(room)}/state`;
    const state = await requestNow({ method: "GET", path }) as unknown as SyncedEvent[];
    const session = await this.#parts.homeserver.session();
    const told: Said[] = [];
    for (const type of [NODE_MEMBER, NODE_INFO]) {
      for (const event of state.filter((one) => one.type === type)) {
        const said = await readNodeEvent(event, { session, isMember: () => false });
        if (said !== undefined) told.push(said);
      }
    }
    await node.db.write((tx) => {
      node.handovers.shared.beginWith(tx, room);
      for (const said of told) this.#timeline.take(tx, said);
    });
  }

  /** Joins the room and says what this node is, however long that takes. */
  async #comeIn(): Promise<void> {
    const { node, homeserver, room } = this.#parts;
    while (!node.ending.aborted) {
      try {
        const { requestNow, credentials } = await homeserver.session();
        this.#self = credentials.user_id;
        const join = `${CLIENT_API}/join/${part(room)}`;
        await requestNow({ method: "POST", path: join, body: {} });
        if (!node.handovers.shared.knows(room)) await this.#readMembers(await homeserver.session());
        const path = `${CLIENT_API}/rooms/${part(room)}/state/${NODE_INFO}/`;
        await requestNow({
          method: "PUT",
          path: path + part(credentials.user_id),
          body: this.#info(),
        });
        this.#setTrouble(undefined);
        void this.#sayAlive();
        return;
      } catch (error) {
        if (node.ending.aborted) return;
        const isOut = error instanceof HomeserverError && error.status === 403;
        this.#setTrouble(isOut ? outText(node.config.node_id, this.#self) : troubleText(error));
        await pause(COME_AGAIN_MS, node.ending);
      }
    }
  }

  #info(): Record<string, unknown> {
    const { config, machine } = this.#parts.node;
    return {
      v: 1,
      version: VERSION,
      labels: config.matrix?.labels ?? {},
      capabilities: {
        os: Deno.build.os,
        arch: Deno.build.arch,
        walls: machine.walls === undefined ? "none" : "bubblewrap",
        max_workers: config.max_workers,
      },
    };
  }

  /** At once or not at all: what got through later would say something that isn't so any more. */
  async #say(type: string, content: object): Promise<boolean> {
    const { homeserver, room, node } = this.#parts;
    // The one that there is now, if any.
    const session = await Promise.race([homeserver.session(), Promise.resolve(undefined)]);
    if (session === undefined) return false;
    try {
      const { requestNow } = session;
      const path = `${CLIENT_API}/rooms/${part(room)}/send/${type}/${crypto.randomUUID()}`;
      const timeoutMs = this.#terms.holdMs / 2;
      await requestNow({ method: "PUT", path, body: content, timeoutMs });
      return true;
    } catch (error) {
      if (!node.ending.aborted && !(error instanceof HomeserverError)) node.report(String(error));
      return false;
    }
  }

  async #sayAlive(): Promise<void> {
    const { node, homeserver } = this.#parts;
    const others = node.handovers.shared.nodes().map(({ user_id }) => user_id)
      .filter((user) => user !== this.#self);
    if (others.length === 0 || !this.#isMember(this.#self)) return;
    const content = { v: 1, open_runs: node.executor.openCount };
    const messages = Object.fromEntries(others.map((user) => [user, { "*": content }]));
    const txn = `${crypto.randomUUID()}-${this.#count++}`;
    const path = `${CLIENT_API}/sendToDevice/${NODE_HEARTBEAT}/${txn}`;
    await this.#try((async () => {
      const { requestNow } = await homeserver.session();
      await requestNow({ method: "PUT", path, body: { messages }, timeoutMs: ALIVE_MS });
    })());
  }

  /** What happens here may be of concern to the others: a run that is for them, one that was cancelled. */
  #hearOwn(events: readonly EventView[]): void {
    const { shared } = this.#parts.node.handovers;
    if (!events.some(({ run_id }) => run_id !== null && shared.load(run_id) !== undefined)) return;
    this.#sender.wake(NODES_OUTBOX);
    void this.#look();
  }

  async #look(): Promise<void> {
    if (!this.#parts.node.ending.aborted) await this.#try(this.#runs.look());
  }

  /** What fails is tried again by itself; people are told of what isn't the homeserver's doing. */
  async #try(work: Promise<void>): Promise<void> {
    const { node } = this.#parts;
    try {
      await work;
    } catch (error) {
      if (node.ending.aborted || error instanceof HomeserverError) return;
      node.report(`runs of the nodes' room: ${String(error)}`);
    }
  }

  #isMember(userId: string | undefined): boolean {
    return this.#parts.node.handovers.shared.nodes().some(({ user_id }) => user_id === userId);
  }

  #setTrouble(reason: string | undefined): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    if (reason !== undefined) this.#parts.node.report(`the nodes' room: ${reason}`);
  }
}

function outText(nodeId: string, userId: string | undefined): string {
  return `this node may not come in; where the room was made: deno task matrix admit ${nodeId} ${userId}`;
}
