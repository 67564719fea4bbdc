/**
 * Turns a route file's id (`blog/[slug]`, no extension) into a URL pattern.
 * `keepGroups` leaves `(group)` folders in: scopes are told apart by them, URLs are not.
 *
 * @throws {SyntaxError} when brackets don't pair, two params touch, or an optional
 * param is not a whole segment
 */
export function fileToPattern(id: string, options: { keepGroups?: boolean } = {}): string {
  const parts = id.split("/").filter((part) => part !== "");
  if (parts.at(-1) === "index") parts.pop();

  let pattern = "";
  let required = 0;
  for (const part of parts) {
    if (!options.keepGroups && part.startsWith("(") && part.endsWith(")")) {
      continue;
    }
    const segment = fileSegment(part, id);
    if (!segment.startsWith("{")) required++;
    pattern += segment;
  }
  // `/{:name}?` and not `{/:name}?`: with nothing before it, the slash itself must stay.
  if (required === 0 && pattern.startsWith("{/")) {
    return `/{${pattern.slice(2)}`;
  }
  return pattern === "" ? "/" : pattern;
}

function fileSegment(part: string, id: string): string {
  const rest = /^\[\.\.\.([^\[\]]+)\]$/.exec(part);
  if (rest !== null) return `/:${rest[1]}*`;
  const optional = /^\[\[([^\[\]]+)\]\]$/.exec(part);
  if (optional !== null) return `{/:${optional[1]}}?`;
  const segment = part.replaceAll(/\[([^\[\].]+)\](?!\[)/g, ":$1");
  if (/[\[\]]/.test(segment)) {
    throw new SyntaxError(
      `The route file "${id}" has "${part}" in its name: use [param], [...rest] or ` +
        `[[optional]] as a whole segment, and put characters between two params.`,
    );
  }
  return `/${segment}`;
}

/** The names from the root scope down to the one that holds `path`. */
export function scopeSegments(path: string): string[] {
  return path.replaceAll(/\{[^}]*\}\??/g, "").replace(/\/?\*$/, "").split("/")
    .filter((segment) => segment !== "");
}

/** Puts `path` under `base`; `*` means everything below it. */
export function joinPath(base: string, path: string): string {
  const prefix = base.replace(/\/?\*?$/, "");
  if (path === "*") return `${prefix}/*`;
  if (path === "/" && prefix !== "") return prefix;
  return prefix + path;
}
