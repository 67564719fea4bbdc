/** The rooms of workers on the homeserver: made when they are needed, and looked after again and again. */
import type { Database } from "../db/database.ts";
import type { Session } from "./homeserver_session.ts";
import { troubleText } from "./homeserver_session.ts";
import { pause } from "./patient_request.ts";
import type { RoomStore, WorkerRoom } from "./room_store.ts";
import { makeWorkerRoom } from "./worker_rooms.ts";

/** What looking after rooms takes. */
export interface HomeserverRoomsOptions {
  readonly db: Database;
  readonly nodeId: string;
  readonly store: RoomStore;
  readonly signal: AbortSignal;
  /** The session, once rooms are followed in it: what comes into a new room is heard then. */
  readonly session: () => Promise<Session>;
  /** Where tasks of a worker of another machine work, by this node's paths; undefined for others. */
  readonly workspaceElsewhere: (workerId: string) => string | undefined;
  /** Told why a room can't be used; undefined when it can. */
  readonly onTrouble: (workerId: string, reason: string | undefined) => void;
  /** A room can be used: it, or what its worker comes into it with, may be another than before. */
  readonly onReady: (workerId: string) => void;
}

/** After a failure, how long until it is tried again. */
const TRY_AGAIN_MS = 2_000;

export class HomeserverRooms {
  readonly #options: HomeserverRoomsOptions;
  readonly #rooms = new Map<string, WorkerRoom>();
  /** Rooms that are looked after already in this life of the node, or being so, with their scopes. */
  readonly #prepared = new Map<string, { readonly scope: string; readonly done: Promise<void> }>();

  constructor(options: HomeserverRoomsOptions) {
    this.#options = options;
    for (const room of options.store.list()) this.#rooms.set(room.worker_id, room);
  }

  of(workerId: string): WorkerRoom | undefined {
    return this.#rooms.get(workerId);
  }

  all(): WorkerRoom[] {
    return [...this.#rooms.values()];
  }

  find(fits: (room: WorkerRoom) => boolean): WorkerRoom | undefined {
    return this.#rooms.values().find(fits);
  }

  /**
   * Sees to it that a worker has a room and an account, however long that takes.
   * @param scope its key
   * @throws {HomeserverError} when the node ends before that
   */
  prepare(workerId: string, scope: string): Promise<void> {
    const known = this.#prepared.get(workerId);
    if (known !== undefined) return known.done;
    const done = this.#prepare(workerId, scope);
    this.#prepared.set(workerId, { scope, done });
    return done;
  }

  /** Looks after a room again, as before the next life of its worker. */
  renew(workerId: string): void {
    const known = this.#prepared.get(workerId);
    if (known === undefined) return;
    // One after the other: two at once would make two rooms.
    const done = known.done.then(() => this.#prepare(workerId, known.scope));
    this.#prepared.set(workerId, { ...known, done });
    // At the end of the node there is no next life.
    done.catch(() => undefined);
  }

  /** Looks after all of them again: the homeserver may have forgotten rooms, accounts and sessions. */
  renewAll(): void {
    for (const workerId of this.#prepared.keys()) this.renew(workerId);
  }

  async #prepare(workerId: string, scope: string): Promise<void> {
    const { nodeId, db, store, signal, onTrouble, onReady } = this.#options;
    const workspace = this.#options.workspaceElsewhere(workerId) ?? null;
    for (;;) {
      try {
        const session = await this.#options.session();
        const wish = { workerId, scope, nodeId, workspace };
        const room = await makeWorkerRoom(session, wish, this.#rooms.get(workerId));
        await db.write((tx) => store.save(tx, room));
        this.#rooms.set(workerId, room);
        onTrouble(workerId, undefined);
        return onReady(workerId);
      } catch (error) {
        if (signal.aborted) throw error;
        onTrouble(workerId, troubleText(error));
        await pause(TRY_AGAIN_MS, signal);
      }
    }
  }
}
