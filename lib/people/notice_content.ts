/** What a notice is as the content of an event. Pure. */
import type { NoticeText } from "./notice_text.ts";

/** A member of the content of a notice that says which one it is. */
export const NOTICE_KEY = "io.cis.notice";

/** How it stands to other messages. */
export interface NoticePlace {
  readonly txn: string;
  /** Somebody has to do something: it is a message, for which phones ring, and no mere notice. */
  readonly asks: boolean;
  /** The event that it is in the thread of; null: it is in the room itself. */
  readonly thread: string | null;
}

/** Of a message that is not there yet. */
export function newContent(
  notice: NoticeText,
  { txn, asks, thread }: NoticePlace,
): Record<string, unknown> {
  return {
    ...formatted(notice, asks),
    [NOTICE_KEY]: txn,
    ...(thread === null ? {} : {
      "m.relates_to": {
        rel_type: "m.thread",
        event_id: thread,
        // For clients that don't know threads.
        is_falling_back: true,
        "m.in_reply_to": { event_id: thread },
      },
    }),
  };
}

/** Of what takes the place of a message's text. */
export function editContent(
  notice: NoticeText,
  { eventId, asks }: { readonly eventId: string; readonly asks: boolean },
): Record<string, unknown> {
  const content = formatted(notice, asks);
  return {
    ...content,
    body: `* ${notice.text}`,
    "m.new_content": content,
    "m.relates_to": { rel_type: "m.replace", event_id: eventId },
  };
}

function formatted({ text, html }: NoticeText, asks: boolean): Record<string, unknown> {
  return {
    msgtype: asks ? "m.text" : "m.notice",
    body: text,
    format: "org.matrix.custom.html",
    formatted_body: html,
    // Whatever a text from elsewhere says, nobody is called by it.
    "m.mentions": {},
  };
}
