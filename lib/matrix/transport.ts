/**
 * How node and workers reach each other: rooms with typed events (contract §5). What the node sends
 * is part of the transaction that makes it true and leaves after the commit; what it receives is
 * handled exactly once, however often it arrives.
 */
import type { Tx } from "../db/database.ts";
import type { RoomEventContent, RoomEventType } from "../schema/room_events.ts";

/** An event for a room. */
export interface OutgoingEvent {
  readonly roomId: string;
  readonly type: RoomEventType;
  /** Content as JSON text: it is written, sent and measured as the same text. */
  readonly content: string;
}

/** Who a worker's connection belongs to. */
export interface Member {
  readonly workerId: string;
  readonly instance: string;
  readonly roomId: string;
}

/** An event from a worker, its sender known and its content checked. */
export type IncomingEvent = {
  [T in RoomEventType]: {
    readonly from: Member;
    readonly type: T;
    readonly content: RoomEventContent<T>;
  };
}[RoomEventType];

/** What the node does with what arrives. */
export interface TransportListeners {
  /** Within a transaction; once per event. */
  onEvent(tx: Tx, event: IncomingEvent): void;
  /** Something came from a worker, whatever it is. */
  onHeard(member: Member): void;
  /** A worker's connection is gone, for whatever reason. */
  onAway(member: Member): void;
  /** Nothing can come from a worker at the moment, whatever it does. Told again while that lasts. */
  onCutOff(member: Pick<Member, "workerId" | "instance">): void;
}

export interface Transport {
  /** Sends an event with the transaction. */
  send(tx: Tx, event: OutgoingEvent): void;
  connect(listeners: TransportListeners): void;
  /** Takes nothing more. Settles when what was being taken has been: then the store may be closed. */
  stop(): Promise<void>;
}
