const MAX_QUOTED = 60;

/**
 * Shows a value from a document inside a message: as JSON, on one line and cut to a
 * readable length.
 */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, 200)) : describe(value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED - 1)}…` : text;
}

/** Objects are named by kind only: printing a large one would cost more than it tells. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

const MAX_LISTED = 5;

/** Names a few of many things: `a, b, c, d, e and 9,995 more`. */
export function listFew(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).join(", ");
  const rest = names.length - MAX_LISTED;
  return rest > 0 ? `${shown} and ${rest.toLocaleString("en")} more` : shown;
}
