/** Whether what is granted of one kind holds for an entry. Pure. */
import type { Grant, GrantKind } from "../schema/policy.ts";
import { netCovers } from "../schema/net_address.ts";
import { isWithin } from "./path_containment.ts";

/** Whether one entry includes another one of its kind. Paths are absolute. */
export function entryCovers(kind: GrantKind, wide: string, narrow: string): boolean {
  switch (kind) {
    case "net":
      return netCovers(wide, narrow);
    case "read":
    case "write":
      return isWithin(narrow, wide);
    case "env":
    case "run":
      return wide === narrow;
  }
}

/** Whether a grant includes an entry. */
export function grantCovers(kind: GrantKind, grant: Grant | undefined, entry: string): boolean {
  if (typeof grant === "boolean") return grant;
  return grant?.some((wide) => entryCovers(kind, wide, entry)) ?? false;
}
