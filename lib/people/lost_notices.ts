/**
 * Which notices a homeserver has forgotten that was put back to an older backup. It goes back to one
 * moment, so it has all that came before the first that it knows.
 */
import {
  CLIENT_API,
  HomeserverError,
  type HomeserverRequest,
  part,
} from "../matrix/homeserver_request.ts";
import type { NoticeRow, NoticeStore } from "./notice_store.ts";

/** No more are looked for. */
const MOST = 500;

/** @throws {HomeserverError} */
export async function lostNotices(
  notices: NoticeStore,
  { room, request }: { readonly room: string; readonly request: HomeserverRequest },
): Promise<NoticeRow[]> {
  const lost: NoticeRow[] = [];
  for (const row of notices.newestShown(MOST)) {
    if (await isThere(`${CLIENT_API}/rooms/${part(room)}/event/${part(row.event_id ?? "")}`)) break;
    lost.push(row);
  }
  return lost;

  async function isThere(path: string): Promise<boolean> {
    try {
      await request({ method: "GET", path });
      return true;
    } catch (error) {
      const isNo = error instanceof HomeserverError && [403, 404].includes(error.status ?? 0);
      if (!isNo) throw error;
      return false;
    }
  }
}
