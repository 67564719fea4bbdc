/** Rooms that the node makes: private, known by an alias, and on their own server alone. */
import { CLIENT_API, HomeserverError, type HomeserverRequest, part } from "./homeserver_request.ts";

/**
 * The version of rooms that are made with power levels of their own: later ones give their creator no
 * place among these, and this one every server knows.
 */
export const LEVELLED_VERSION = "11";

/** What is a room's own. Other members of the request's body go along as they are. */
export interface PrivateRoom {
  /** The alias without `#` and server. */
  readonly room_alias_name: string;
  readonly name: string;
  readonly topic: string;
  readonly [member: string]: unknown;
}

/** Makes a room. @returns its id @throws {HomeserverError} */
export async function createPrivateRoom(
  request: HomeserverRequest,
  room: PrivateRoom,
): Promise<string> {
  const { room_id } = await request({
    method: "POST",
    path: `${CLIENT_API}/createRoom`,
    body: {
      preset: "private_chat",
      visibility: "private",
      creation_content: { "m.federate": false },
      ...room,
    },
  });
  return String(room_id);
}

/** The id of the room behind an alias; undefined: there is none. @throws {HomeserverError} */
export async function roomByAlias(
  request: HomeserverRequest,
  alias: string,
): Promise<string | undefined> {
  try {
    const path = `${CLIENT_API}/directory/room/${part(alias)}`;
    return String((await request({ method: "GET", path })).room_id);
  } catch (error) {
    if (error instanceof HomeserverError && error.status === 404) return undefined;
    throw error;
  }
}
