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
import { patientRequest } from "../../matrix/patient_request.ts";
import { incomingContent, sendEvent } from "../../matrix/room_content.ts";
import { followRooms, type SyncBatch, type SyncedEvent } from "../../matrix/room_sync.ts";
import { openSecrets } from "../../matrix/sealed_secrets.ts";
import type { RoomAccess, WorkerBootstrap } from "../../schema/link_frames.ts";
import type { RoomEventType } from "../../schema/room_events.ts";
import { note } from "./diagnostics.ts";
import { KnownDispatches } from "./known_dispatches.ts";
import type { LinkListeners, NodeLink } from "./link.ts";
import { withMovedPaths } from "./moved_paths.ts";
import type { Outbox } from "./outbox.ts";
import { RoomQueue } from "./room_queue.ts";

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

export class RoomLink implements NodeLink {
  readonly #parts: RoomLinkParts;
  readonly #ending = new AbortController();
  readonly #requestNow: HomeserverRequest;
  readonly #request: HomeserverRequest;
  readonly #queue: RoomQueue;
  readonly #dispatches = new KnownDispatches();
  /** The homeserver's id of the room, once the worker is in it. */
  readonly #room = Promise.withResolvers<string>();
  /**
   * Dispatches that came before the first secrets, on another machine than the node's: there they
   * don't come with the start, and tasks may declare them. undefined: there is no waiting.
   */
  #early: unknown[] | undefined;
  /** Which life of the node was last heard of. */
  #life: unknown;
  #lastHeard = performance.now();
  #isReachable = true;
  #direct = 0;
  #lookTimer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: RoomLinkParts) {
    this.#parts = parts;
    const { access: { homeserver, access_token: token }, bootstrap: { instance }, outbox } = parts;
    const { signal } = this.#ending;
    const request = fetchRequest({ homeserver, token });
    this.#requestNow = (call) => request({ signal, ...call });
    this.#request = patientRequest({ request, signal, onTrouble: (why) => this.#noteTrouble(why) });
    const send = async (message: { txn: string; type: string; content: string }): Promise<void> => {
      const room = await this.#room.promise;
      await this.#orEnd(() => sendEvent(this.#request, room, message));
    };
    this.#queue = new RoomQueue({ outbox, instance, send });
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
    const txn = `${instance}-${this.#direct++}`;
    const said = { instance, ...JSON.parse(content) as object };
    void this.#requestNow({
      method: "PUT",
      path: `${CLIENT_API}/sendToDevice/${part(type)}/${part(txn)}`,
      body: { messages: { [node]: { "*": said } } },
    }).catch(() => {
      // It is worth nothing later; whether the homeserver is there, others find out.
    });
  }

  close(): void {
    clearInterval(this.#lookTimer);
    this.#ending.abort();
  }

  async #follow(): Promise<void> {
    const { access } = this.#parts;
    const { room_id } = await this.#request({
      method: "POST",
      path: `${CLIENT_API}/join/${part(access.room)}`,
      body: {},
    });
    const room = String(room_id);
    if (await this.#isEncrypted(room)) {
      return this.#refused("its room is encrypted, and a worker reads no encrypted rooms");
    }
    this.#room.resolve(room);
    await followRooms({
      request: this.#request,
      signal: this.#ending.signal,
      types: ["io.cis.*", "m.room.encryption"],
      room,
      since: undefined,
      onBatch: (batch) => this.#take(room, batch),
    });
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
    const { life, sealed } = (content ?? {}) as { life?: unknown; sealed?: unknown };
    if (type === "io.cis.secrets" && typeof sealed === "string") {
      const secrets = await openSecrets(sealed, access.key);
      if (secrets !== undefined) {
        listeners.onSecrets(secrets);
        this.#begin();
      } else note("secrets came that were sealed with another key than this worker's; ignored");
    }
    if (type !== "io.cis.node.alive" || life === this.#life) return;
    if (this.#life !== undefined) this.#sayReady();
    this.#life = life;
  }

  async #takeEvent({ sender, type, content }: SyncedEvent): Promise<void> {
    const { access, listeners } = this.#parts;
    if (type === "m.room.encryption") return this.#refused("its room has been encrypted");
    if (sender !== access.node) return;
    this.#lastHeard = performance.now();
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

  /** After all that waits: what it then holds is what the node can't know of yet. */
  #sayReady(): void {
    this.#queue.add("io.cis.worker.ready", () => this.#parts.listeners.ready("held"));
  }

  #look(): void {
    const { bootstrap: { orphan_grace_ms }, listeners } = this.#parts;
    // While nothing comes through, the node's silence says nothing about it.
    if (!this.#isReachable) this.#lastHeard = performance.now();
    const grace = Math.max(orphan_grace_ms, 10_000);
    if (performance.now() - this.#lastHeard < grace) return;
    this.close();
    listeners.onOrphaned();
  }

  #noteTrouble(reason: string | undefined): void {
    const isReachable = reason === undefined;
    if (isReachable === this.#isReachable) return;
    this.#isReachable = isReachable;
    note(reason === undefined ? "the homeserver is back" : `${reason}; trying again`);
  }

  /** Does something; what doesn't pass by itself ends the worker. */
  async #orEnd(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Nothing is waiting for what comes after the end.
      if (this.#ending.signal.aborted) return await new Promise(() => {});
      this.#refused(error instanceof Error ? error.message : String(error));
    }
  }

  #refused(reason: string): void {
    this.close();
    this.#parts.listeners.onRefused(reason);
  }
}
