/** A document that somebody has attached, from where the homeserver keeps it. */
import { CisError } from "../errors.ts";
import { CLIENT_API, HomeserverError, part } from "../matrix/homeserver_request.ts";
import type { NoticeTarget } from "./notice_sender.ts";
import type { PastedSpec } from "./room_command.ts";
import { fileOf, type RoomFile } from "./said.ts";

/** The file in a message of the room, if there is one. @throws {HomeserverError} */
export async function fileIn(
  { room, request }: NoticeTarget,
  eventId: string,
): Promise<RoomFile | undefined> {
  try {
    const path = `${CLIENT_API}/rooms/${part(room)}/event/${part(eventId)}`;
    return fileOf((await request({ method: "GET", path })).content);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * Reads it.
 * @param maxBytes as much as a published document may have
 * @throws {CisError} `invalid_request`, `body_too_large`; {HomeserverError}
 */
export async function readFile(
  { request }: NoticeTarget,
  { file, maxBytes }: { readonly file: RoomFile; readonly maxBytes: number },
): Promise<PastedSpec> {
  const [, server = "", id = ""] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(file.url) ?? [];
  const text = server === "" ? undefined : await download(request, { server, id });
  if (text === undefined) {
    throw new CisError("invalid_request", "the file is not there any more; attach it again");
  }
  if (new TextEncoder().encode(text).length > maxBytes) {
    throw new CisError("body_too_large", `the file has more than ${maxBytes} bytes`);
  }
  const ending = /\.(json|ya?ml|toml)$/i.exec(file.name)?.[1]?.toLowerCase();
  const format = ending === "yml" ? "yaml" : ending as PastedSpec["format"];
  return format === undefined ? { text } : { text, format };
}

async function download(
  request: NoticeTarget["request"],
  { server, id }: { readonly server: string; readonly id: string },
): Promise<string | undefined> {
  try {
    const path = `/_matrix/client/v1/media/download/${part(server)}/${part(id)}`;
    return String((await request({ method: "GET", path, answer: "text" })).text);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof HomeserverError && (error.status === 404 || error.status === 403);
}
