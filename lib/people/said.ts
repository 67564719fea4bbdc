/**
 * What somebody has said in the control room, as far as it means something to the node. Pure.
 *
 * An edit of a message is not a message, or a yes could be put where something else stood. What was
 * redacted has no content left, and so means nothing.
 */
import type { SyncedEvent } from "../matrix/sync_batch.ts";
import { parseRoomCommand, type RoomCommand } from "./room_command.ts";

/** A file in a message. */
export interface RoomFile {
  /** Where it is kept: `mxc://<server>/<id>`. */
  readonly url: string;
  readonly name: string;
}

/** Something said that is to be answered. */
export type Said =
  | {
    readonly kind: "command";
    readonly command: RoomCommand;
    /** The event whose thread the answer belongs into. */
    readonly thread: string;
    /** The message that it replies to. */
    readonly repliesTo?: string;
    readonly file?: RoomFile;
  }
  | { readonly kind: "reaction"; readonly to: string; readonly answer: "approve" | "reject" }
  /** Anything else in a thread, or in reply to something: perhaps the reason that was asked for. */
  | { readonly kind: "remark"; readonly to: readonly string[]; readonly text: string };

type Content = Readonly<Record<string, unknown>>;

/** @returns undefined where it means nothing */
export function readSaid(
  { type, event_id, content }: Omit<SyncedEvent, "sender">,
): Said | undefined {
  const { relation, body } = partsOf(content);
  if (type === "m.reaction") return reaction(relation);
  if (type !== "m.room.message" || relation.rel_type === "m.replace") return undefined;
  if (typeof body !== "string") return undefined;
  const root = relation.rel_type === "m.thread" ? textOf(relation.event_id) : undefined;
  const replied = textOf((relation["m.in_reply_to"] as Content | undefined)?.event_id);
  const command = parseRoomCommand(body);
  if (command === undefined) {
    const to = [root, replied].filter((id) => id !== undefined);
    return to.length === 0 ? undefined : { kind: "remark", to, text: body.trim() };
  }
  const file = fileOf(content);
  return {
    kind: "command",
    command,
    thread: root ?? event_id,
    ...(replied === undefined ? {} : { repliesTo: replied }),
    ...(file === undefined ? {} : { file }),
  };
}

/** The file in a message's content, if it is one with a file. */
export function fileOf(content: unknown): RoomFile | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  const { msgtype, url, filename, body } = content as Content;
  if (msgtype !== "m.file" || typeof url !== "string") return undefined;
  return { url, name: textOf(filename) ?? textOf(body) ?? "" };
}

function partsOf(content: unknown): { relation: Content; body: unknown } {
  if (typeof content !== "object" || content === null) return { relation: {}, body: undefined };
  const { "m.relates_to": relation, body } = content as Content;
  const isObject = typeof relation === "object" && relation !== null;
  return { relation: isObject ? relation as Content : {}, body };
}

function reaction({ rel_type, event_id, key }: Content): Said | undefined {
  const to = textOf(event_id);
  if (rel_type !== "m.annotation" || to === undefined || typeof key !== "string") return undefined;
  // Some clients add the sign that asks for a picture.
  const answer = ANSWERS.get(key.replaceAll("\u{FE0F}", ""));
  return answer === undefined ? undefined : { kind: "reaction", to, answer };
}

const ANSWERS = new Map<string, "approve" | "reject">([["✅", "approve"], ["❌", "reject"]]);
/** The signs that are answers. */
export const SIGNS: readonly string[] = [...ANSWERS.keys()];

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
