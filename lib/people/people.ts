/** People in the control room: what they say is heard, and what happens is told to them. */
import { usableCredentials } from "../matrix/credentials.ts";
import type { Node } from "../node.ts";
import { Announcer } from "./announcer.ts";
import { NoticeSender } from "./notice_sender.ts";
import { NoticeStore } from "./notice_store.ts";
import { RoomEar } from "./room_ear.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Lets a node hear and tell people, if it has a homeserver. Before it starts: what the homeserver tells
 * before somebody listens is passed over. Ends with the node.
 */
export function attendPeople(node: Node): void {
  const { homeserver } = node.transport;
  if (homeserver === undefined) return;
  const notices = new NoticeStore(node.db);
  const sender = new NoticeSender(node, notices);
  const announcer = new Announcer({ node, notices, onNotices: () => sender.wake() });
  homeserver.inbox.people = new RoomEar({ node, notices, sender, announcer });
  forgetOld(node, notices);
  // What happens before the homeserver is reached is to be told as well.
  const room = usableCredentials(node.config.data_dir)?.control_room;
  if (room !== undefined) announcer.tell(room);
}

/** Now and once a day. */
function forgetOld(node: Node, notices: NoticeStore): void {
  const forget = (): void => {
    node.db.write((tx) => notices.prune(tx), { canWait: true })
      .catch((error) => node.report(`old notices could not be removed: ${String(error)}`));
  };
  forget();
  const timer = setInterval(forget, DAY_MS);
  node.ending.addEventListener("abort", () => clearInterval(timer), { once: true });
}
