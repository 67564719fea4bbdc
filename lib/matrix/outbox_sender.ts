/** Sends what waits in the outbox: one event at a time for each room, in order, until it is taken. */
import type { HomeserverOutbox } from "./homeserver_outbox.ts";
import type { Session } from "./homeserver_session.ts";
import { troubleText } from "./homeserver_session.ts";
import type { Anchor } from "./landmarks.ts";
import { pause } from "./patient_request.ts";
import { sendEvent } from "./room_content.ts";

/** What sending takes. */
export interface OutboxSenderOptions {
  readonly outbox: HomeserverOutbox;
  readonly signal: AbortSignal;
  /** The session, as soon as there is one. */
  readonly session: () => Promise<Session>;
  /** The homeserver's id of a worker's room; undefined until it is made. */
  readonly roomOf: (workerId: string) => string | undefined;
  /** The homeserver has an event. */
  readonly onTaken: (event: Anchor) => void;
  /** Told why a room takes nothing; undefined when it does again. */
  readonly onTrouble: (workerId: string, reason: string | undefined) => void;
}

/** After a no that doesn't pass by itself, how long until it is asked for again. */
const ASK_AGAIN_MS = 5_000;

export class OutboxSender {
  readonly #options: OutboxSenderOptions;
  /** Workers for whose rooms something is being sent. */
  readonly #busy = new Set<string>();

  constructor(options: OutboxSenderOptions) {
    this.#options = options;
  }

  /** Something waits for a worker's room. */
  wake(workerId: string): void {
    if (this.#busy.has(workerId) || this.#options.roomOf(workerId) === undefined) return;
    this.#busy.add(workerId);
    void this.#drain(workerId).finally(() => this.#busy.delete(workerId));
  }

  async #drain(workerId: string): Promise<void> {
    const { outbox, signal, onTrouble } = this.#options;
    let taken: string | undefined;
    while (!signal.aborted) {
      try {
        const batch = await outbox.advance(workerId, taken);
        taken = undefined;
        const room = this.#options.roomOf(workerId);
        if (batch === undefined || room === undefined) return;
        const { request } = await this.#options.session();
        const event_id = await sendEvent(request, room, batch);
        this.#options.onTaken({ room, event_id });
        taken = batch.txn;
        onTrouble(workerId, undefined);
      } catch (error) {
        if (signal.aborted) return;
        onTrouble(workerId, `its room takes nothing: ${troubleText(error)}`);
        // The end of the node ends the wait, and the loop.
        await pause(ASK_AGAIN_MS, signal).catch(() => undefined);
      }
    }
  }
}
