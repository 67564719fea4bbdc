/**
 * Rooms on a homeserver. What the node says goes out by an outbox (homeserver_outbox.ts), what comes
 * is dealt with together with the place in the homeserver's stream (homeserver_inbox.ts). So neither
 * a crash on one side nor a homeserver that is away for an hour loses or doubles anything.
 *
 * Signs of life, and secrets, go from account to account and are kept in no room: node and workers
 * tell each other that they are there; a worker that hears of another life of its node says what it
 * holds, as it does on a new connection of the embedded transport.
 */
import type { Database, Tx } from "../db/database.ts";
import type { RoomAccess } from "../schema/link_frames.ts";
import { Complaints } from "./complaints.ts";
import { type Credentials, usableCredentials } from "./credentials.ts";
import { Conducts } from "./conducts.ts";
import { DirectMessages } from "./direct_messages.ts";
import { examineHomeserver } from "./examine_homeserver.ts";
import { type Finding, unreachable } from "./finding.ts";
import { HomeserverInbox } from "./homeserver_inbox.ts";
import { HomeserverOutbox } from "./homeserver_outbox.ts";
import { type MakeRequest, openSession, type Session, troubleText } from "./homeserver_session.ts";
import { OutboxSender } from "./outbox_sender.ts";
import { pause } from "./patient_request.ts";
import { HomeserverRooms } from "./homeserver_rooms.ts";
import { Landmarks } from "./landmarks.ts";
import { NodePulse } from "./node_pulse.ts";
import { RoomLog } from "./room_log.ts";
import { RoomStore } from "./room_store.ts";
import { followRooms } from "./room_sync.ts";
import type { SyncBatch } from "./sync_batch.ts";
import type { Member, OutgoingEvent, Transport, TransportListeners } from "./transport.ts";
import { encryptedText, workerKey } from "./worker_rooms.ts";

/** What the transport works with. */
export interface HomeserverTransportOptions {
  readonly db: Database;
  readonly nodeId: string;
  readonly dataDir: string;
  readonly homeserver: string;
  /** Path of the key that secrets are encrypted with. */
  readonly keyPath: string;
  /** How often node and workers tell each other that they are there, in milliseconds. */
  readonly heartbeatMs: number;
  readonly load?: () => Promise<MakeRequest>;
  /** Workers that have a process, with its present life. */
  readonly living: () => readonly Pick<Member, "workerId" | "instance">[];
  /** Where tasks of a worker of another machine work, by this node's paths; undefined for others. */
  readonly workspaceElsewhere: (workerId: string) => string | undefined;
  readonly onExpelled: (member: Member, what: string) => void;
  readonly secretsOf: (workerId: string) => Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
}

const TYPES = ["io.cis.*", "m.room.encryption", "m.room.message", "m.reaction"];
/** After a failure, how long until it is tried again. */
const TRY_AGAIN_MS = 2_000;

export class HomeserverTransport implements Transport {
  readonly #options: HomeserverTransportOptions;
  readonly #store: RoomStore;
  readonly #log: RoomLog;
  readonly #outbox: HomeserverOutbox;
  readonly #sender: OutboxSender;
  /** What comes; who listens to people as well is told to it. */
  readonly inbox: HomeserverInbox;
  readonly #direct: DirectMessages;
  readonly #complaints: Complaints;
  readonly #conducts = new Conducts();
  readonly #rooms: HomeserverRooms;
  /** By what it is noticed that the homeserver was put back; who else sends into rooms adds to them. */
  readonly landmarks: Landmarks = new Landmarks();
  readonly #troubles = new Map<string, string>();
  readonly #ending = new AbortController();
  /** Settles when nothing more is taken. */
  #running: Promise<void> | undefined;
  #trouble: string | undefined;
  /** Of the present session, or to be used for the first. */
  #credentials: Credentials | undefined;
  #session = Promise.withResolvers<Session>();
  #following = Promise.withResolvers<void>();
  /** In which rooms are followed. */
  #followed: Session | undefined;
  #listeners: TransportListeners | undefined;
  /** How often it was asked for patience. */
  #limited = 0;
  readonly #pulse: NodePulse;
  /** Told when a worker's room can be used, and when that or its session is another. */
  onRoom: ((workerId: string) => unknown) | undefined;

  constructor(options: HomeserverTransportOptions) {
    const { db, nodeId, keyPath } = options;
    this.#options = options;
    this.#store = new RoomStore(db, keyPath);
    this.#log = new RoomLog(db);
    this.#outbox = new HomeserverOutbox(db);
    this.#direct = new DirectMessages(nodeId, () => this.#session.promise);
    this.#complaints = new Complaints(options.report);
    this.#pulse = new NodePulse({
      direct: this.#direct,
      heartbeatMs: options.heartbeatMs,
      users: () =>
        options.living().flatMap(({ workerId }) => this.#rooms.of(workerId)?.user_id ?? [])
          .map((user) => [user, this.inbox.heardOf(user)]),
      isAway: () => this.#trouble !== undefined,
      onStalled: () => {
        this.landmarks.interrupted();
        this.#excuse();
      },
      report: options.report,
    });
    this.#rooms = new HomeserverRooms({
      ...{ db, nodeId, store: this.#store, signal: this.#ending.signal },
      session: async () => {
        await this.#following.promise;
        return await this.#session.promise;
      },
      workspaceElsewhere: options.workspaceElsewhere,
      onTrouble: (workerId, reason) => this.#setTrouble(workerId, reason),
      onReady: (workerId) => {
        this.#sender.wake(workerId);
        this.onRoom?.(workerId);
      },
    });
    this.#sender = new OutboxSender({
      outbox: this.#outbox,
      signal: this.#ending.signal,
      session: () => this.#session.promise,
      roomOf: (workerId) => this.#rooms.of(workerId)?.room_id,
      onTaken: (anchor) => this.landmarks.add(anchor),
      onTrouble: (workerId, reason) => this.#setTrouble(workerId, reason),
    });
    this.inbox = new HomeserverInbox({
      db,
      nodeId,
      store: this.#store,
      listeners: () => this.#listeners,
      byRoom: (id) => this.#rooms.find(({ room_id }) => room_id === id),
      byUser: (id) => this.#rooms.find(({ user_id }) => user_id === id),
      onComplaint: (from, what) =>
        typeof from === "string" ? this.#complaints.tell(from, what) : this.complain(from, what),
      onEncrypted: ({ worker_id, alias }) => this.#setTrouble(worker_id, encryptedText(alias)),
      onTaken: (tx, { type, from }) => {
        if (type === "io.cis.worker.ready") {
          tx.afterCommit(() => void this.#sendSecrets(from.workerId));
        } else tx.afterCommit(() => this.#askUnknown(from));
      },
    });
    this.#credentials = usableCredentials(options.dataDir);
  }

  connect(listeners: TransportListeners): void {
    this.#listeners = listeners;
  }

  /** Takes up what an earlier life left, and follows the rooms until `stop`. */
  start(): void {
    this.#running = this.#run();
    for (const workerId of this.#outbox.waiting()) this.#sender.wake(workerId);
    this.#pulse.start();
  }

  send(tx: Tx, { roomId, type, content }: OutgoingEvent): void {
    // `!worker-project-abc:node1` → `worker-project-abc`
    const workerId = roomId.slice(1, roomId.lastIndexOf(":"));
    const sender = this.#credentials?.user_id ?? `@node:${this.#options.nodeId}`;
    this.#log.append(tx, { roomId, type, content, sender, txn: crypto.randomUUID() });
    this.#outbox.add(tx, workerId, { type, content });
    tx.afterCommit(() => this.#sender.wake(workerId));
  }

  /**
   * Sees to it that a worker has a room and an account, however long that takes.
   * @param scope its key
   * @throws {HomeserverError} when the node ends before that
   */
  prepare(workerId: string, scope: string): Promise<void> {
    return this.#rooms.prepare(workerId, scope);
  }

  /** What a worker comes into its room with; undefined until that is prepared. */
  access(workerId: string): RoomAccess | undefined {
    const room = this.#rooms.of(workerId);
    const credentials = this.#credentials;
    if (room === undefined || credentials === undefined) return undefined;
    return {
      homeserver: this.#options.homeserver,
      room: room.room_id,
      user_id: room.user_id,
      access_token: room.access_token,
      node: credentials.user_id,
      key: workerKey(credentials, workerId),
    };
  }

  /** A worker's room by its alias, and what a worker of another machine comes into it with. */
  handover(workerId: string): { readonly alias: string; readonly token: string } | undefined {
    const access = this.access(workerId);
    const room = this.#rooms.of(workerId);
    if (access === undefined || room === undefined) return undefined;
    return { alias: room.alias, token: `${access.key}.${access.access_token}` };
  }

  /** The session, as soon as there is one. */
  session(): Promise<Session> {
    return this.#session.promise;
  }

  /** Why a worker's room can't be used at the moment; undefined when it can. */
  troubleOf(workerId: string): string | undefined {
    return this.#troubles.get(workerId) ?? this.trouble;
  }

  /** The same of all rooms. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.#pulse.trouble;
  }

  /** Looks at the homeserver and the rooms on it, for people. */
  async examine(): Promise<Finding[]> {
    if (this.#trouble !== undefined) return [unreachable(this.#trouble)];
    const [session, rooms] = [await this.#session.promise, this.#rooms.all()];
    return await examineHomeserver({ session, rooms, limited: this.#limited, now: Date.now })
      .catch((error) => [unreachable(troubleText(error))]);
  }

  /** A life of a worker is over: before the next, it is seen whether its session still is one. */
  drop(workerId: string): void {
    this.#rooms.renew(workerId);
  }

  complain(member: Member, what: string, weight = 1): void {
    if (weight >= 1) this.#complaints.tell(member.workerId, what);
    if (this.#conducts.judge(member, weight) === "expel") this.#options.onExpelled(member, what);
  }

  sendSecrets(): void {
    for (const { workerId } of this.#options.living()) void this.#sendSecrets(workerId);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#pulse.stop();
    await this.#running;
    this.#complaints.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const session = await this.#openSession();
        this.#credentials = session.credentials;
        this.#session.resolve(session);
        // In an earlier life, or in another session, it may have told more than it knows now.
        this.landmarks.add(this.inbox.lastHeard());
        this.landmarks.interrupted();
        await followRooms({
          request: session.request,
          signal,
          types: TYPES,
          since: this.#store.token(session.credentials.user_id),
          landmarks: this.landmarks,
          isKnown: (event) => this.inbox.isKnown(event),
          onBatch: (batch) => this.#take(batch, session),
        });
      } catch (error) {
        if (signal.aborted) return;
        this.#setGeneralTrouble(troubleText(error));
        this.#session = Promise.withResolvers();
        await pause(TRY_AGAIN_MS, signal).catch(() => undefined);
      }
    }
  }

  #openSession(): Promise<Session> {
    const { load, dataDir, homeserver } = this.#options;
    return openSession({
      ...{ dataDir, homeserver, load, signal: this.#ending.signal },
      onTrouble: (reason) => this.#setGeneralTrouble(reason),
      onLimited: () => this.#limited++,
    });
  }

  async #take(batch: SyncBatch, session: Session): Promise<void> {
    // Without a token nothing of the past is known, and nothing is made of it.
    const known = batch.isFirst && !batch.isAnew ? { ...batch, rooms: new Map() } : batch;
    if (batch.isAnew) {
      this.#options.report(
        "the homeserver was put back to an earlier state; workers say what they hold",
      );
      this.#direct.beginAnew();
    }
    await this.inbox.take(known, session);
    if (batch.isAnew) this.#rooms.renewAll();
    this.#following.resolve();
    if (!batch.isAnew && session === this.#followed) return;
    this.#followed = session;
    // From here on workers are heard, and hear of their node.
    this.#excuse();
    void this.#pulse.beat();
  }

  /** One from another machine that was given up for lost, or came while nobody listened. */
  #askUnknown({ workerId, instance }: Member): void {
    const { living, workspaceElsewhere } = this.#options;
    const isKnown = living().some((one) => one.workerId === workerId && one.instance === instance);
    const user = this.#rooms.of(workerId)?.user_id;
    if (isKnown || user === undefined || workspaceElsewhere(workerId) === undefined) return;
    void this.#direct.askWho(user);
  }

  async #sendSecrets(workerId: string): Promise<void> {
    const access = this.access(workerId);
    if (access === undefined) return;
    await this.#direct.sendSecrets(access, this.#options.secretsOf(workerId));
  }

  #setTrouble(workerId: string, reason: string | undefined): void {
    const before = this.#troubles.get(workerId);
    if (before === reason) return;
    if (reason === undefined) this.#troubles.delete(workerId);
    else {
      this.#troubles.set(workerId, reason);
      this.#options.report(`${workerId}: ${reason}`);
    }
  }

  #setGeneralTrouble(reason: string | undefined): void {
    if (reason !== undefined) {
      this.landmarks.interrupted();
      this.#excuse();
    }
    if (reason === this.#trouble) return;
    const isNews = (reason === undefined) !== (this.#trouble === undefined);
    this.#trouble = reason;
    if (isNews) this.#options.report(reason ?? "the homeserver can be reached again");
  }

  /** While nothing comes through, nobody's silence means anything. */
  #excuse(): void {
    for (const member of this.#options.living()) {
      if (this.#rooms.of(member.workerId) !== undefined) this.#listeners?.onCutOff(member);
    }
  }
}
