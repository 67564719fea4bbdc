/** Whether the other nodes of the room that this one shares are there. */
import type { Node } from "../../node.ts";
import type { DoctorCheck } from "./check.ts";

/** They tell that they are there every ten seconds; a silence of so long, in milliseconds, is worth a word. */
const SILENT_MS = 35_000;

/** Says who was heard when; nothing where no room is shared. */
export function otherNodes({ config, handovers }: Node): DoctorCheck[] {
  const { presence } = handovers.shared;
  const others = handovers.shared.nodes().filter(({ node_id }) => node_id !== config.node_id);
  if (others.length === 0) return [];
  const name = "nodes of the room";
  const silent = others.flatMap(({ node_id, user_id }) => {
    const ms = presence.silence(user_id);
    if (ms === undefined) return [`${node_id} has not been heard since this node started`];
    return ms > SILENT_MS ? [`${node_id} was last heard ${Math.round(ms / 1000)} seconds ago`] : [];
  });
  if (silent.length > 0) {
    const advice = "runs for one of these wait for it; start it, or put it out of the room with: " +
      "deno task matrix dismiss";
    return [{ name, status: "warning", detail: silent.join("; "), advice }];
  }
  const detail = others.map(({ node_id, info }) => {
    const labels = Object.entries(info?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    return [node_id, ...labels].join(" ");
  }).join(", ");
  return [{ name, status: "ok", detail: `${detail}: there`, advice: null }];
}
