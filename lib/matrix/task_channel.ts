/** Tasks into a worker's room: packed into events that a homeserver would take (contract §5). */
import type { Tx } from "../db/database.ts";
import {
  type AttemptRef,
  type CancelContent,
  CONTENT_VERSION,
  MAX_CONTENT_BYTES,
  type RoomEventType,
  type TaskDispatch,
} from "../schema/room_events.ts";
import { roomId } from "../schema/scope.ts";
import type { Transport } from "./transport.ts";

/** Attempts to end, and why. */
export interface Cancellation {
  readonly tasks: readonly AttemptRef[];
  readonly reason: string;
  /** "cancelled" unless they are to be told as failed, for what the node saw of them. */
  readonly code?: CancelContent["code"];
}

/** Room for what surrounds the list in the content. */
const ENVELOPE_BYTES = 512;

const encoder = new TextEncoder();

export class RoomTaskChannel {
  readonly #transport: Transport;
  readonly #nodeId: string;

  constructor(transport: Transport, nodeId: string) {
    this.#transport = transport;
    this.#nodeId = nodeId;
  }

  /** Hands tasks to a worker. */
  dispatch(tx: Tx, workerId: string, tasks: readonly TaskDispatch[]): void {
    this.#sendList(tx, { workerId, type: "io.cis.task.dispatch", items: tasks, extra: "" });
  }

  /** Tells a worker to stop attempts. */
  cancel(
    tx: Tx,
    workerId: string,
    { tasks, reason, code = "cancelled" }: Cancellation,
  ): void {
    const extra = `,"reason":${JSON.stringify(reason.slice(0, 500))},"code":"${code}"`;
    this.#sendList(tx, { workerId, type: "io.cis.task.cancel", items: tasks, extra });
  }

  #sendList(
    tx: Tx,
    message: { workerId: string; type: RoomEventType; items: readonly unknown[]; extra: string },
  ): void {
    const room = roomId(message.workerId, this.#nodeId);
    for (const list of packLists(message.items.map((item) => JSON.stringify(item)))) {
      this.#transport.send(tx, {
        roomId: room,
        type: message.type,
        content: `{"v":${CONTENT_VERSION},"tasks":[${list.join(",")}]${message.extra}}`,
      });
    }
  }
}

/** Splits JSON texts into lists that fit an event each; one that is too large alone stays alone. */
export function packLists(items: readonly string[]): string[][] {
  const lists: string[][] = [];
  let list: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = encoder.encode(item).length + 1;
    if (list.length > 0 && bytes + size > MAX_CONTENT_BYTES - ENVELOPE_BYTES) {
      lists.push(list);
      list = [];
      bytes = 0;
    }
    list.push(item);
    bytes += size;
  }
  if (list.length > 0) lists.push(list);
  return lists;
}
