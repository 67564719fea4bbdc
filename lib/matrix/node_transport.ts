/**
 * The rooms of a node's workers: inside the node, or on the homeserver for the scopes that the settings
 * name. A run's own worker stays in the node in either case: it would leave an account and a room behind
 * for every run.
 */
import type { Tx } from "../db/database.ts";
import type { RoomAccess } from "../schema/link_frames.ts";
import { roomId, type Scope, scopeKey, workerId as workerIdOf } from "../schema/scope.ts";
import type { EmbeddedTransport } from "./embedded_transport.ts";
import type { HomeserverTransport } from "./homeserver_transport.ts";
import type { Member, OutgoingEvent, Transport, TransportListeners } from "./transport.ts";

/** What makes up the transport of a node. */
export interface NodeTransportParts {
  readonly embedded: EmbeddedTransport;
  /** undefined: no homeserver is configured. */
  readonly homeserver: HomeserverTransport | undefined;
  readonly nodeId: string;
  /** Whether the rooms of a scope are on the homeserver. @param scope its key */
  readonly isOnHomeserver: (scope: string) => boolean;
}

export class NodeTransport implements Transport {
  readonly #parts: NodeTransportParts;
  /** Rooms on the homeserver, by the node's own id for them. */
  readonly #onHomeserver = new Set<string>();

  constructor(parts: NodeTransportParts) {
    this.#parts = parts;
  }

  get homeserver(): HomeserverTransport | undefined {
    return this.#parts.homeserver;
  }

  connect(listeners: TransportListeners): void {
    this.#parts.embedded.connect(listeners);
    this.#parts.homeserver?.connect(listeners);
  }

  /** Starts what leads to workers. @param socketPath where those of this machine connect */
  start(socketPath: string): void {
    this.#parts.embedded.listen(socketPath);
    this.#parts.homeserver?.start();
  }

  send(tx: Tx, event: OutgoingEvent): void {
    this.#of(event.roomId).send(tx, event);
  }

  /** Decides where a worker's room is. @returns whether it is on the homeserver */
  place(workerId: string, scope: Scope): boolean {
    const { homeserver, nodeId, isOnHomeserver } = this.#parts;
    const isThere = homeserver !== undefined && workerId === workerIdOf(scope) &&
      isOnHomeserver(scopeKey(scope));
    if (isThere) this.#onHomeserver.add(roomId(workerId, nodeId));
    return isThere;
  }

  /** What a worker comes into its room with; undefined for one in the node. */
  access(workerId: string): RoomAccess | undefined {
    const { homeserver, nodeId } = this.#parts;
    const isThere = this.#onHomeserver.has(roomId(workerId, nodeId));
    return isThere ? homeserver?.access(workerId) : undefined;
  }

  /** Why a worker's room can't be used at the moment; undefined when it can. */
  troubleOf(workerId: string): string | undefined {
    const { homeserver, nodeId } = this.#parts;
    const isThere = this.#onHomeserver.has(roomId(workerId, nodeId));
    return isThere ? homeserver?.troubleOf(workerId) : undefined;
  }

  complain(member: Member, what: string, weight?: number): void {
    this.#of(member.roomId).complain(member, what, weight);
  }

  drop(workerId: string, instance?: string): void {
    this.#of(roomId(workerId, this.#parts.nodeId)).drop(workerId, instance);
  }

  sendSecrets(): void {
    this.#parts.embedded.sendSecrets();
    this.#parts.homeserver?.sendSecrets();
  }

  async stop(): Promise<void> {
    const { embedded, homeserver } = this.#parts;
    await Promise.all([embedded.stop(), homeserver?.stop()]);
  }

  #of(room: string): EmbeddedTransport | HomeserverTransport {
    const { embedded, homeserver } = this.#parts;
    return this.#onHomeserver.has(room) && homeserver !== undefined ? homeserver : embedded;
  }
}
