/** What comes in the nodes' room, as far as it has a meaning: its form is checked here, who says it later. */
import type { z } from "zod";
import type { Session } from "../matrix/homeserver_session.ts";
import { incomingContent } from "../matrix/room_content.ts";
import type { SyncedEvent } from "../matrix/sync_batch.ts";
import {
  NODE_EVENT_CONTENTS,
  NODE_INFO,
  NODE_MEMBER,
  type NodeEventType,
  NodeInfoContent,
  NodeMemberContent,
} from "../schema/node_events.ts";
import { NodeId } from "../schema/ids.ts";
import { MAX_CONTENT_BYTES } from "../schema/room_events.ts";

/** Something that was said, by whomever. */
export type Said =
  & {
    /** The homeserver's id. */
    readonly id: string;
    /** The account that says so. */
    readonly sender: string;
  }
  & (
    | {
      readonly kind: "member";
      readonly nodeId: string;
      /** null: nobody is that node any more. */
      readonly userId: string | null;
    }
    | { readonly kind: "info"; readonly info: NodeInfoContent }
    | { readonly kind: "encrypted" }
    | { readonly kind: "invalid"; readonly what: string }
    | SaidOfRun
  );

/** Something about a run. */
export type SaidOfRun = {
  [T in NodeEventType]: {
    readonly kind: T;
    readonly content: z.output<(typeof NODE_EVENT_CONTENTS)[T]>;
  };
}[NodeEventType];

/**
 * Reads an event.
 * @param isMember whether an account is a node's, as far as is known now: what others link to isn't loaded
 * @returns undefined for one that is of no concern here
 */
export async function readNodeEvent(
  event: SyncedEvent,
  { session, isMember }: {
    readonly session: Pick<Session, "requestNow" | "credentials">;
    readonly isMember: (userId: string) => boolean;
  },
): Promise<Said | undefined> {
  const { event_id: id, sender, type, content, state_key } = event;
  const common = { id, sender };
  const invalid = (what: string): Said => ({ ...common, kind: "invalid", what });
  if (type === "m.room.encryption") return { ...common, kind: "encrypted" };
  if (type === NODE_MEMBER) {
    const nodeId = NodeId.safeParse(state_key);
    if (!nodeId.success) return invalid("the name of a node that is none");
    const member = NodeMemberContent.safeParse(content);
    const userId = member.success ? member.data.user_id : null;
    return { ...common, kind: "member", nodeId: nodeId.data, userId };
  }
  if (type === NODE_INFO) {
    const info = NodeInfoContent.safeParse(content);
    if (state_key !== sender || !info.success) {
      return invalid(`an event "${type}" that is not valid`);
    }
    return { ...common, kind: "info", info: info.data };
  }
  if (!Object.hasOwn(NODE_EVENT_CONTENTS, type)) return undefined;
  if (byteLength(content) > MAX_CONTENT_BYTES) {
    return invalid(`an event "${type}" that is too large`);
  }
  if (isLink(content) && !(isMember(sender) && isOfServer(content, session.credentials.user_id))) {
    return invalid(`an event "${type}" that links to what isn't theirs to say`);
  }
  const told = await incomingContent(session.requestNow, content);
  const kind = type as NodeEventType;
  const parsed = NODE_EVENT_CONTENTS[kind].safeParse(told);
  if (!parsed.success) return invalid(`an event "${type}" that is not valid`);
  return { ...common, kind, content: parsed.data } as Said;
}

function byteLength(content: unknown): number {
  return new TextEncoder().encode(JSON.stringify(content) ?? "").length;
}

function isLink(content: unknown): boolean {
  return typeof content === "object" && content !== null && "linked" in content;
}

/** Whether what it links to is kept by the node's own homeserver: others may never answer. */
function isOfServer(content: unknown, self: string): boolean {
  const { linked } = (content ?? {}) as { linked?: { url?: unknown } | null };
  const server = self.replace(/^[^:]+:/, "");
  return String(linked?.url ?? "").startsWith(`mxc://${server}/`);
}
