/** A document that somebody has attached, from where the homeserver keeps it. */
import { CisError } from "../errors.ts";
import {
  CLIENT_API,
  type HomeserverAnswer,
  type HomeserverCall,
  HomeserverError,
  type HomeserverRequest,
  part,
} from "../matrix/homeserver_request.ts";
import type { NoticeTarget } from "./notice_sender.ts";
import type { PastedSpec } from "./room_command.ts";
import { fileOf, type RoomFile } from "./said.ts";

/** The file in a message of the room, if there is one. @throws {CisError} `invalid_request` */
export async function fileIn(
  { room, request }: NoticeTarget,
  eventId: string,
): Promise<RoomFile | undefined> {
  const path = `${CLIENT_API}/rooms/${part(room)}/event/${part(eventId)}`;
  return fileOf((await ask(request, { method: "GET", path })).content);
}

/**
 * Reads it.
 * @param maxBytes as much as a published document may have
 * @throws {CisError} `invalid_request`, `body_too_large`
 */
export async function readFile(
  { request }: NoticeTarget,
  { file, maxBytes }: { readonly file: RoomFile; readonly maxBytes: number },
): Promise<PastedSpec> {
  const [, server = "", id = ""] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(file.url) ?? [];
  const path = `/_matrix/client/v1/media/download/${part(server)}/${part(id)}`;
  const text = String((await ask(request, { method: "GET", path, answer: "text" })).text);
  if (new TextEncoder().encode(text).length > maxBytes) {
    throw new CisError("body_too_large", `the file has more than ${maxBytes} bytes`);
  }
  const ending = /\.(json|ya?ml|toml)$/i.exec(file.name)?.[1]?.toLowerCase();
  const format = ending === "yml" ? "yaml" : ending as PastedSpec["format"];
  return format === undefined ? { text } : { text, format };
}

/** Doesn't wait: everything else that is said would wait with it, and may be for ever. */
async function ask(
  request: HomeserverRequest,
  call: HomeserverCall,
): Promise<HomeserverAnswer> {
  try {
    return await request(call);
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    throw new CisError(
      "invalid_request",
      `the file can't be read: ${error.message}; say it again, or attach it again`,
    );
  }
}
