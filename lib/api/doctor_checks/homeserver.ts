/** Whether the homeserver that rooms are on is as it should be. */
import type { Node } from "../../node.ts";
import type { DoctorCheck } from "./check.ts";

/** Asks it; nothing where none is configured. */
export async function homeserver({ transport }: Node): Promise<DoctorCheck[]> {
  const found = await transport.homeserver?.examine() ?? [];
  return found.map(({ what, ...rest }) => ({ name: `homeserver ${what}`, ...rest }));
}
