/** What a notice is as the content of an event. Pure. */
import { cut, lines, type NoticeText, say } from "./notice_text.ts";

/** A member of the content of a notice that says which one it is. */
export const NOTICE_KEY = "io.cis.notice";

/** An event bears 48 KiB, and that of an edit has the text twice in both forms. */
const MOST_BYTES = 20 * 1024;
/** What is left of a text that is larger. */
const MOST_CHARACTERS = 2_500;

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
    body: `* ${String(content.body)}`,
    "m.new_content": content,
    "m.relates_to": { rel_type: "m.replace", event_id: eventId },
  };
}

function formatted(notice: NoticeText, asks: boolean): Record<string, unknown> {
  const { text, html } = fitted(notice);
  return {
    msgtype: asks ? "m.text" : "m.notice",
    body: text,
    format: "org.matrix.custom.html",
    formatted_body: html,
    // Whatever a text from elsewhere says, nobody is called by it.
    "m.mentions": {},
  };
}

function fitted(notice: NoticeText): NoticeText {
  if (new TextEncoder().encode(JSON.stringify(notice)).length <= MOST_BYTES) return notice;
  return lines(...cut(notice.text, MOST_CHARACTERS).split("\n").map((line) => say`${line}`));
}
