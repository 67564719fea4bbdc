import { z } from "zod";
import { customIssue } from "./checked.ts";
import { quote } from "./quote.ts";

const ABSOLUTE_OR_URL = /^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:)/;

/**
 * Why a text cannot be a path inside the workspace, or undefined when it can. Backslashes
 * are refused since they separate directories on some systems only.
 */
function whyNotInside(path: string): string | undefined {
  if (path.trim() === "") return "is empty";
  if (path.includes("\\")) return 'has a backslash; use "/"';
  if (ABSOLUTE_OR_URL.test(path)) return "is not relative to the workspace";
  if (path.split("/").includes("..")) return 'has ".." and could leave the workspace';
  return undefined;
}

/** A relative path inside the workspace; comes out without `./`, `//` and a final `/`. */
export const WorkspacePath = z.string().transform((path, context) => {
  const reason = whyNotInside(path);
  if (reason !== undefined) {
    context.issues.push(customIssue(path, "bad_path", `the path ${quote(path)} ${reason}`));
    return z.NEVER;
  }
  return path.split("/").filter((part) => part !== "" && part !== ".").join("/") || ".";
}).pipe(z.string()).meta({ description: "A relative path inside the workspace, without .." });
export type WorkspacePath = z.infer<typeof WorkspacePath>;
