/**
 * What the homeserver has of this worker, and the node may not have yet: kept until the node says that
 * it has dealt with it. A homeserver that is put back to an older backup forgets it in between.
 */

/** An event for the worker's room. */
export interface RoomMessage {
  readonly txn: string;
  readonly type: string;
  readonly content: string;
}

interface Told {
  /** undefined: it isn't said again, as it was about that moment. */
  readonly message: RoomMessage | undefined;
  readonly eventId: string;
}

const LOG = "io.cis.task.log";
/**
 * Most that is kept, in characters: of lines of output, and of all. A node confirms once a heartbeat, so
 * it is more only where the node is away, and a homeserver that it comes back to seldom is another.
 */
const MOST_LOGS = 4 * 1024 * 1024;
const MOST = 16 * 1024 * 1024;

export class ToldEvents {
  #told: Told[] = [];
  #size = 0;
  #logSize = 0;

  /** Keeps an event that the homeserver has. The oldest are dropped where they are too many. */
  add(message: RoomMessage, eventId: string): void {
    // What the worker holds is said anew each time, as it is then.
    const isAgain = message.type !== "io.cis.worker.ready";
    this.#told.push({ message: isAgain ? message : undefined, eventId });
    if (isAgain) this.#count(message, 1);
    while (this.#logSize > MOST_LOGS) this.#drop((type) => type === LOG);
    while (this.#size > MOST) this.#drop((type) => type !== undefined);
  }

  /** The node has an event, and all before it. */
  dealtWith(eventId: string): void {
    const index = this.#told.findIndex((told) => told.eventId === eventId);
    for (const { message } of this.#told.splice(0, index + 1)) this.#count(message, -1);
  }

  /** Gives all that is kept, oldest first, and keeps it no longer. */
  take(): RoomMessage[] {
    const all = this.#told.flatMap(({ message }) => message ?? []);
    this.#told = [];
    this.#size = this.#logSize = 0;
    return all;
  }

  #drop(fits: (type: string | undefined) => boolean): void {
    const index = this.#told.findIndex(({ message }) => fits(message?.type));
    for (const { message } of this.#told.splice(index, 1)) this.#count(message, -1);
  }

  #count(message: RoomMessage | undefined, sign: 1 | -1): void {
    const size = sign * (message?.content.length ?? 0);
    this.#size += size;
    if (message?.type === LOG) this.#logSize += size;
  }
}
