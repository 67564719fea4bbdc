/**
 * The worker's way to its node over a room on a homeserver. Requests that don't get through are made
 * again, so a homeserver that is away only makes things wait. The node is taken for away when it gives
 * no sign of life while the homeserver is there.
 */
import { fetchRequest } from "../../matrix/fetch_request.ts";
import {
  CLIENT_API,
  HomeserverError,
  type HomeserverRequest,
  part,
} from "../../matrix/homeserver_request.ts";
import { Landmarks } from "../../matrix/landmarks.ts";
import { patientRequest, pause } from "../../matrix/patient_request.ts";
import { incomingContent, sendEvent } from "../../matrix/room_content.ts";
import { followRooms } from "../../matrix/room_sync.ts";
import type { SyncBatch, SyncedEvent } from "../../matrix/sync_batch.ts";
import { openSecrets } from "../../matrix/sealed_secrets.ts";
import type { RoomAccess, WorkerBootstrap } from "../../schema/link_frames.ts";
import type { RoomEventType } from "../../schema/room_events.ts";
import { note } from "./diagnostics.ts";
import { KnownDispatches } from "./known_dispatches.ts";
import type { LinkListeners, NodeLink } from "./link.ts";
import { withMovedPaths } from "./moved_paths.ts";
import type { Outbox } from "./outbox.ts";
import { RoomQueue } from "./room_queue.ts";
import type { RoomMessage } from "./told_events.ts";

/** What a link over a room takes. */
export interface RoomLinkParts {
  readonly bootstrap: WorkerBootstrap;
  readonly access: RoomAccess;
  readonly outbox: Outbox;
  readonly listeners: LinkListeners;
}

/** How long the first dispatch waits for secrets. */
const SECRETS_MS = 10_000;
/** How often it is looked whether the node has been silent for too long. */
const LOOK_MS = 1_000;
/** A homeserver that takes so long to take a sign of life is as good as away. */
const STALLED_MS = 3_000;
/** How long a homeserver that was put back may not let it into its room: the node sees to it. */
const RETURN_MS = 60_000;
/** Meanwhile, how often it is tried. */
const ASK_AGAIN_MS = 2_000;

export class RoomLink implements NodeLink {
  readonly #parts: RoomLinkParts;
  readonly #ending = new AbortController();
  readonly #requestNow: HomeserverRequest;
  readonly #request: HomeserverRequest;
  readonly #queue: RoomQueue;
  readonly #dispatches = new KnownDispatches();
  readonly #landmarks = new Landmarks();
  /** The homeserver's id of the room, once the worker is in it. */
  #room = Promise.withResolvers<string>();
  /**
   * Dispatches that came before the first secrets, on another machine than the node's: there they
   * don't come with the start, and tasks may declare them. undefined: there is no waiting.
   */
  #early: unknown[] | undefined;
  /** Whether what is heard was said after this life was ready: the rest is for earlier ones. */
  #isCurrent = false;
  /** Which life of the node knows of this worker. */
  #life: unknown;
  #lastHeard = performance.now();
  #isReachable = true;
  #direct = 0;
  /** Since when a sign of life is on its way. */
  #directSince: number | undefined;
  #lookTimer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: RoomLinkParts) {
    this.#parts = parts;
    const { access: { homeserver, access_token: token }, bootstrap: { instance }, outbox } = parts;
    const { signal } = this.#ending;
    const request = fetchRequest({ homeserver, token });
    this.#requestNow = (call) => request({ signal, ...call });
    this.#request = patientRequest({ request, signal, onTrouble: (why) => this.#noteTrouble(why) });
    this.#queue = new RoomQueue({ outbox, instance, send: (message) => this.#say(message) });
    if (parts.access.workspace !== undefined) this.#early = [];
  }

  open(): void {
    void this.#orEnd(() => this.#follow());
    this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
  }

  send(type: RoomEventType, content: string, onSent?: () => void): void {
    if (type === "io.cis.task.result") this.#dispatches.ended(content);
    this.#queue.add(type, content, onSent);
  }

  sendNow(type: RoomEventType, content: string): void {
    const { access: { node }, bootstrap: { instance } } = this.#parts;
    // One that is still on its way says as much.
    if (this.#directSince !== undefined) return;
    this.#directSince = performance.now();
    const txn = `${instance}-${this.#direct++}`;
    const said = { instance, ...JSON.parse(content) as object };
    void this.#requestNow({
      method: "PUT",
      path: `${CLIENT_API}/sendToDevice/${part(type)}/${part(txn)}`,
      body: { messages: { [node]: { "*": said } } },
    }).catch(() => {
      // It is worth nothing later; whether the homeserver is there, others find out.
    }).finally(() => this.#directSince = undefined);
  }

  close(): void {
    clearInterval(this.#lookTimer);
    this.#ending.abort();
  }

  /** Goes into the room and follows it, and does so again where the homeserver has begun anew. */
  async #follow(): Promise<void> {
    for (let isAnew = false;; isAnew = true) {
      const room = await (isAnew ? this.#untilThere(() => this.#enter()) : this.#enter());
      if (await this.#isEncrypted(room)) {
        return this.#refused("its room is encrypted, and a worker reads no encrypted rooms");
      }
      this.#room.resolve(room);
      const following = new AbortController();
      await followRooms({
        request: this.#request,
        signal: AbortSignal.any([this.#ending.signal, following.signal]),
        landmarks: this.#landmarks,
        types: ["io.cis.*", "m.room.encryption"],
        room,
        since: undefined,
        onBatch: async (batch) => {
          if (batch.isAnew) following.abort();
          else await this.#take(room, batch);
        },
      });
      if (this.#ending.signal.aborted) return;
      note("the homeserver was put back to an earlier state; telling it again what it may lack");
      this.#room = Promise.withResolvers();
    }
  }

  async #enter(): Promise<string> {
    const path = `${CLIENT_API}/join/${part(this.#parts.access.room)}`;
    const { room_id } = await this.#request({ method: "POST", path, body: {} });
    return String(room_id);
  }

  /** What isn't there in a homeserver that was put back, the node sees to. */
  async #untilThere<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + RETURN_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isMissing = error instanceof HomeserverError &&
          [403, 404].includes(error.status ?? 0);
        if (!isMissing || performance.now() > end) throw error;
        await pause(ASK_AGAIN_MS, this.#ending.signal);
      }
    }
  }

  /** Says something in the room, whichever that is by then. @returns the homeserver's id for it */
  async #say(message: RoomMessage): Promise<string> {
    return await this.#orEnd(() =>
      this.#untilThere(async () => {
        const room = await this.#room.promise;
        const event_id = await sendEvent(this.#request, room, message);
        this.#landmarks.add({ room, event_id });
        return event_id;
      })
    );
  }

  async #isEncrypted(room: string): Promise<boolean> {
    try {
      const path = `${CLIENT_API}/rooms/${part(room)}/state/m.room.encryption/`;
      await this.#request({ method: "GET", path });
      return true;
    } catch (error) {
      if (error instanceof HomeserverError && error.status === 404) return false;
      throw error;
    }
  }

  async #take(room: string, { rooms, direct, isFirst }: SyncBatch): Promise<void> {
    // What was said to earlier lives means nothing now; from here on nothing is missed.
    if (isFirst) {
      this.#isCurrent = false;
      this.#sayReady();
      // Should they not come, tasks say what they lack.
      if (this.#early !== undefined) setTimeout(() => this.#begin(), SECRETS_MS);
      return;
    }
    for (const message of direct) await this.#takeDirect(message);
    for (const event of rooms.get(room) ?? []) await this.#takeEvent(event);
  }

  async #takeDirect({ sender, type, content }: Omit<SyncedEvent, "event_id">): Promise<void> {
    const { access, listeners } = this.#parts;
    if (sender !== access.node) return;
    this.#lastHeard = performance.now();
    const { life, heard, sealed } = (content ?? {}) as Partial<Record<string, unknown>>;
    if (type === "io.cis.secrets" && typeof sealed === "string") {
      this.#life = life;
      const secrets = await openSecrets(sealed, access.key);
      if (secrets !== undefined) {
        listeners.onSecrets(secrets);
        this.#begin();
      } else note("secrets came that were sealed with another key than this worker's; ignored");
    }
    if (type !== "io.cis.node.alive") return;
    if (typeof heard === "string") this.#queue.dealtWith(heard);
    if (life === this.#life) return;
    // Also at first: the life that heard it may be over before it said anything.
    this.#sayReady();
    this.#life = life;
  }

  async #takeEvent({ sender, type, content }: SyncedEvent): Promise<void> {
    const { access, listeners, bootstrap: { instance } } = this.#parts;
    if (type === "m.room.encryption") return this.#refused("its room has been encrypted");
    if (sender === access.user_id && type === "io.cis.worker.ready") {
      // The node hands nothing out before it has heard it, and after it what wasn't named in it.
      const said = (content ?? {}) as { instance?: unknown };
      if (said.instance === instance) this.#isCurrent = true;
    }
    if (sender !== access.node) return;
    this.#lastHeard = performance.now();
    if (!this.#isCurrent) return;
    const said = await incomingContent(this.#request, content);
    if (type !== "io.cis.task.dispatch") return void listeners.onEvent(type, said);
    if (this.#early === undefined) this.#dispatch(said);
    else this.#early.push(said);
  }

  #dispatch(content: unknown): void {
    const { fresh, results } = this.#dispatches.sort(this.#withOwnPaths(content));
    this.#parts.listeners.onEvent("io.cis.task.dispatch", fresh);
    if (results !== undefined) this.#queue.add("io.cis.task.result", results);
  }

  /** Takes up what came before the secrets. */
  #begin(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const content of early) this.#dispatch(content);
  }

  #withOwnPaths(content: unknown): unknown {
    const { access: { workspace: from }, bootstrap: { workspace: to } } = this.#parts;
    return from === undefined || from === to ? content : withMovedPaths(content, { from, to });
  }

  /**
   * After all that the node may lack and all that waits: what it then holds is what the node can't know
   * of yet.
   */
  #sayReady(): void {
    this.#queue.tellAgain();
    this.#queue.add("io.cis.worker.ready", () => this.#parts.listeners.ready("held"));
  }

  #look(): void {
    const { bootstrap: { orphan_grace_ms }, listeners } = this.#parts;
    // While nothing comes through, the node's silence says nothing about it.
    const isStalled = performance.now() - (this.#directSince ?? Infinity) > STALLED_MS;
    if (!this.#isReachable || isStalled) this.#lastHeard = performance.now();
    const grace = Math.max(orphan_grace_ms, 10_000);
    if (performance.now() - this.#lastHeard < grace) return;
    this.close();
    listeners.onOrphaned();
  }

  #noteTrouble(reason: string | undefined): void {
    const isReachable = reason === undefined;
    if (!isReachable) this.#landmarks.interrupted();
    if (isReachable === this.#isReachable) return;
    this.#isReachable = isReachable;
    note(reason === undefined ? "the homeserver is back" : `${reason}; trying again`);
  }

  /** Does something; what doesn't pass by itself ends the worker. */
  async #orEnd<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // Nothing is waiting for what comes after the end.
      if (this.#ending.signal.aborted) return await new Promise(() => {});
      this.#refused(error instanceof Error ? error.message : String(error));
      return await new Promise(() => {});
    }
  }

  #refused(reason: string): void {
    this.close();
    this.#parts.listeners.onRefused(reason);
  }
}
