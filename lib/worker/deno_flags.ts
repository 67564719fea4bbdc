/** Permission flags of one `deno run`. Apart from the policy, since workers load it without zod. */
import type { GrantLists } from "./grant.ts";

const NAMES = ["net", "read", "write", "env", "run", "sys", "ffi", "import"] as const;

/**
 * `--allow-…` or `--deny-…` flags in a fixed order. An empty list gives no flag, `true` gives the
 * flag without a list, which means all.
 * @throws {TypeError} for an entry that is empty or has a comma, at which Deno would split it
 */
export function denoFlags(verb: "allow" | "deny", lists: GrantLists): string[] {
  return NAMES.flatMap((name) => {
    const grant = lists[name] ?? [];
    if (grant === true) return [`--${verb}-${name}`];
    if (grant.length === 0) return [];
    for (const entry of grant) check(entry, `${verb}-${name}`);
    return [`--${verb}-${name}=${[...new Set(grant)].join(",")}`];
  });
}

function check(entry: string, flag: string): void {
  if (entry.includes(",")) {
    throw new TypeError(
      `"${entry}" can't stand in --${flag}: Deno would split it at the comma; use another name`,
    );
  }
  if (entry.trim() === "") {
    throw new TypeError(`--${flag} can't have an empty entry; name something or remove it`);
  }
}
