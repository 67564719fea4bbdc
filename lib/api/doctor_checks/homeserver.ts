/** Whether the homeserver that rooms are on is as it should be. */
import { examineNodesRoom } from "../../matrix/examine_nodes_room.ts";
import { unreachable } from "../../matrix/finding.ts";
import { troubleText } from "../../matrix/homeserver_session.ts";
import type { Node } from "../../node.ts";
import type { DoctorCheck } from "./check.ts";

/** Asks it; nothing where none is configured. */
export async function homeserver(
  { transport: { homeserver }, config }: Node,
): Promise<DoctorCheck[]> {
  if (homeserver === undefined) return [];
  const found = await homeserver.examine();
  if (homeserver.trouble === undefined) {
    const session = await homeserver.session();
    found.push(
      ...await examineNodesRoom(session, config.node_id)
        .catch((error) => [unreachable(troubleText(error))]),
    );
  }
  return found.map(({ what, ...rest }) => ({ name: `homeserver ${what}`, ...rest }));
}
