/** Looks at the room that this node shares with others. */
import type { Finding } from "./finding.ts";
import { CLIENT_API, HomeserverError, part } from "./homeserver_request.ts";
import type { Session } from "./homeserver_session.ts";
import { MEMBER, NODE_LEVEL } from "./nodes_room_setup.ts";

interface StateEvent {
  readonly type: string;
  readonly state_key: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const WHAT = "nodes' room";

/** Looks; nothing where there is no such room. @throws {HomeserverError} when it can't be asked */
export async function examineNodesRoom(
  { credentials, requestNow }: Session,
  nodeId: string,
): Promise<Finding[]> {
  const { nodes_room: room, user_id: self } = credentials;
  if (room === undefined) return [];
  const admission = `where the room was made: deno task matrix admit ${nodeId} ${self}`;
  let events: readonly StateEvent[];
  try {
    const path = `${CLIENT_API}/rooms/${part(room)}/state`;
    events = await requestNow({ method: "GET", path }) as unknown as StateEvent[];
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.isPassing) throw error;
    return [failed("this node is not in it", admission)];
  }
  const content = (type: string): StateEvent["content"] | undefined =>
    events.find((event) => event.type === type)?.content;
  if (content("m.room.encryption") !== undefined) {
    const advice = "remove its alias, and make another with: deno task matrix setup --nodes-room";
    return [failed("it is encrypted, and no node reads encrypted rooms", advice)];
  }
  const members = events.filter(({ type }) => type === MEMBER)
    .flatMap(({ state_key: name, content }) =>
      typeof content.user_id === "string" ? [{ name, account: content.user_id }] : []
    );
  if (!members.some(({ name, account }) => name === nodeId && account === self)) {
    return [failed(`it doesn't count ${self} as the node ${nodeId}`, admission)];
  }
  const { users = {} } = (content("m.room.power_levels") ?? {}) as {
    users?: Record<string, number>;
  };
  const accounts = new Set(members.map(({ account }) => account));
  const others = Object.keys(users).filter((user) =>
    !accounts.has(user) && Number(users[user]) >= NODE_LEVEL
  );
  if (others.length > 0) {
    return [{
      what: WHAT,
      status: "warning",
      detail: `${others.join(", ")} may speak there as nodes do, and are none`,
      advice: "take their power in the room away; what they say there has no effect",
    }];
  }
  const names = members.map(({ name }) => name).sort();
  return [{ what: WHAT, status: "ok", detail: `nodes: ${names.join(", ")}`, advice: null }];
}

function failed(detail: string, advice: string): Finding {
  return { what: WHAT, status: "failed", detail, advice };
}
