/** People in the control room: what they say is heard, and what happens is told to them. */
import { usableCredentials } from "../matrix/credentials.ts";
import type { Node } from "../node.ts";
import { Announcer } from "./announcer.ts";
import { NoticeSender } from "./notice_sender.ts";
import { NoticeStore } from "./notice_store.ts";
import { RoomEar } from "./room_ear.ts";

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
  node.db.writeNow((tx) => notices.prune(tx));
  // What happens before the homeserver is reached is to be told as well.
  const room = usableCredentials(node.config.data_dir)?.control_room;
  if (room !== undefined) announcer.tell(room);
}
