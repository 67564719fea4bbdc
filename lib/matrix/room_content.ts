/**
 * Contents as they go into a room: with who sent them, what is larger than an event kept as media, with a
 * link to it, and what a homeserver would refuse for its numbers as text.
 */
import { CLIENT_API, HomeserverError, type HomeserverRequest, part } from "./homeserver_request.ts";

/** As in lib/schema/room_events.ts, which a worker doesn't load for zod's sake. */
export const MAX_CONTENT_BYTES = 48 * 1024;
/** No content is larger, in characters: who links to more is not listened to. */
const MAX_MEDIA = 16 * 1024 * 1024;

/** In place of a content that is too large for an event. */
interface Linked {
  readonly url: string;
  readonly sha256: string;
}

const encoder = new TextEncoder();

/** The content of an event: the text itself, or a link to where it now is. @throws {HomeserverError} */
export async function outgoingContent(request: HomeserverRequest, text: string): Promise<object> {
  const bytes = encoder.encode(text);
  const content = JSON.parse(text) as Record<string, unknown>;
  const { v, instance } = content;
  const marks = { v, ...(instance === undefined ? {} : { instance }) };
  if (bytes.length <= MAX_CONTENT_BYTES) {
    if (!hasOddNumber(content)) return content;
    // As a text within JSON it may be up to twice as long.
    const json = { ...marks, json: text };
    if (encoder.encode(JSON.stringify(json)).length <= MAX_CONTENT_BYTES) return json;
  }
  const { content_uri } = await request({
    method: "POST",
    path: "/_matrix/media/v3/upload",
    query: { filename: "content.json" },
    body: text,
  });
  const linked: Linked = { url: String(content_uri), sha256: await sha256(bytes) };
  return { ...marks, linked };
}

/** Events hold whole numbers alone, of at most 53 bits; a task's output, or a setting, may be any. */
function hasOddNumber(content: unknown): boolean {
  // No recursion: how deep an output is, its task decides.
  const open = [content];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "number" && !Number.isSafeInteger(value)) return true;
    if (typeof value !== "object" || value === null) continue;
    for (const inner of Object.values(value)) open.push(inner);
  }
  return false;
}

/**
 * What an event says, wherever it is kept.
 * @returns undefined for a link that leads to something else than it says
 * @throws {HomeserverError}
 */
export async function incomingContent(
  request: HomeserverRequest,
  content: unknown,
): Promise<unknown> {
  const linked = linkOf(content);
  if (linked === undefined) return textOf(content);
  const place = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(linked.url);
  if (place === null) return undefined;
  const [, server = "", id = ""] = place;
  try {
    const { text } = await request({
      method: "GET",
      path: `/_matrix/client/v1/media/download/${part(server)}/${part(id)}`,
      answer: "text",
    });
    const isSound = typeof text === "string" && text.length <= MAX_MEDIA &&
      await sha256(encoder.encode(text)) === linked.sha256;
    return isSound ? JSON.parse(text) : undefined;
  } catch (error) {
    // What isn't there, or isn't JSON, doesn't come by itself.
    if (error instanceof HomeserverError && (error.status !== 404)) throw error;
    return undefined;
  }
}

/** What goes as text for its numbers; anything else as it is, and undefined for a text that isn't JSON. */
function textOf(content: unknown): unknown {
  if (typeof content !== "object" || content === null || !("json" in content)) return content;
  try {
    return JSON.parse(String(content.json));
  } catch {
    return undefined;
  }
}

function linkOf(content: unknown): Linked | undefined {
  if (typeof content !== "object" || content === null || !("linked" in content)) return undefined;
  const { linked } = content;
  if (typeof linked !== "object" || linked === null) return undefined;
  const { url, sha256 } = linked as Partial<Linked>;
  return typeof url === "string" && typeof sha256 === "string" ? { url, sha256 } : undefined;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends an event; the same `txn` again is the same event. @returns its id. @throws {HomeserverError} */
export async function sendEvent(
  request: HomeserverRequest,
  room: string,
  { type, txn, content }: { readonly type: string; readonly txn: string; readonly content: string },
): Promise<string> {
  const { event_id } = await request({
    method: "PUT",
    path: `${CLIENT_API}/rooms/${part(room)}/send/${part(type)}/${part(txn)}`,
    body: await outgoingContent(request, content),
  });
  return String(event_id);
}
