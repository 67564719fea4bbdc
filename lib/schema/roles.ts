/** What a token may do (contract §3). `admin` includes every other role; `node` is for other nodes. */
import { z } from "zod";

export const ROLES = ["viewer", "publisher", "approver", "admin", "node"] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/**
 * Whether somebody with these roles may do what `needed` allows. Everybody signed in may read:
 * a publisher has to see what became of its DAG.
 */
export function hasRole(roles: readonly Role[], needed: Role): boolean {
  if (roles.includes("admin") || roles.includes(needed)) return true;
  return needed === "viewer" && (roles.includes("publisher") || roles.includes("approver"));
}
