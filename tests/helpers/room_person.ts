/** Somebody in a room of a real homeserver, as a test lets them write, react and read. */
import { eventually } from "./eventually.ts";
import type { MatrixUser, Synapse } from "./synapse.ts";

/** A message of the room as a client shows it: its newest text, and where it is. */
export interface ShownMessage {
  readonly event_id: string;
  readonly sender: string;
  readonly body: string;
  readonly html: string;
  /** The event whose thread it is in. */
  readonly thread: string | undefined;
  /** How often it was edited. */
  readonly edits: number;
}

/** What a person can do. */
export interface RoomPerson {
  readonly user_id: string;
  /** Writes a message. @returns its id */
  say(body: string, more?: object): Promise<string>;
  /** Writes into a thread. */
  sayIn(thread: string, body: string): Promise<string>;
  /** Puts another text in the place of a message's. */
  edit(eventId: string, body: string): Promise<string>;
  react(eventId: string, key: string): Promise<string>;
  redact(eventId: string): Promise<string>;
  /** All messages, oldest first. */
  read(): Promise<ShownMessage[]>;
  /** Waits for a message of somebody else's. */
  sees(text: RegExp, where?: { readonly thread?: string }): Promise<ShownMessage>;
}

interface Event {
  readonly event_id: string;
  readonly sender: string;
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

let sent = 0;

/** An account that joins a room to which it is invited. */
export async function roomPerson(
  synapse: Synapse,
  user: MatrixUser,
  room: string,
): Promise<RoomPerson> {
  const base = `/rooms/${encodeURIComponent(room)}`;
  await synapse.call(user, { method: "POST", path: `/join/${encodeURIComponent(room)}`, body: {} });
  const put = async (kind: string, body: object): Promise<string> =>
    String(
      (await synapse.call(user, {
        method: "PUT",
        path: `${base}/${kind}/person-${user.user_id}-${sent++}`,
        body,
      })).event_id,
    );
  const say = (body: string, more: object = {}): Promise<string> =>
    put("send/m.room.message", { msgtype: "m.text", body, ...more });
  const read = async (): Promise<ShownMessage[]> => {
    const { chunk } = await synapse.call(user, { path: `${base}/messages?dir=b&limit=500` });
    return shown((chunk as Event[]).reverse());
  };
  return {
    user_id: user.user_id,
    say,
    sayIn: (thread, body) =>
      say(body, { "m.relates_to": { rel_type: "m.thread", event_id: thread } }),
    edit: (event_id, body) =>
      say(`* ${body}`, {
        "m.new_content": { msgtype: "m.text", body },
        "m.relates_to": { rel_type: "m.replace", event_id },
      }),
    react: (event_id, key) =>
      put("send/m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id, key } }),
    redact: (event_id) => put(`redact/${encodeURIComponent(event_id)}`, {}),
    read,
    sees: async (text, { thread } = {}) => {
      let found: ShownMessage | undefined;
      await eventually(async () => {
        found = (await read()).findLast((one) =>
          one.sender !== user.user_id && text.test(one.body) &&
          (thread === undefined || one.thread === thread)
        );
        return found !== undefined;
      }, `a message ${text} in the room`);
      if (found === undefined) throw new Error("unreachable");
      return found;
    },
  };
}

/** Messages with their edits put in. */
function shown(events: readonly Event[]): ShownMessage[] {
  const messages = new Map<string, ShownMessage>();
  for (const { event_id, sender, type, content } of events) {
    if (type !== "m.room.message" || typeof content.body !== "string") continue;
    const relation = (content["m.relates_to"] ?? {}) as Record<string, string>;
    const text = (content["m.new_content"] ?? content) as Record<string, string>;
    const { body = "", formatted_body: html = "" } = text;
    const edited = relation.rel_type === "m.replace"
      ? messages.get(relation.event_id ?? "")
      : undefined;
    if (edited !== undefined) {
      messages.set(edited.event_id, { ...edited, body, html, edits: edited.edits + 1 });
    } else {
      const thread = relation.rel_type === "m.thread" ? relation.event_id : undefined;
      messages.set(event_id, { event_id, sender, body, html, thread, edits: 0 });
    }
  }
  return [...messages.values()];
}
