/** Where the value of a secret goes in the request of an `http` task: `${NAME}` for one that it declares. */

const PLACEHOLDER = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** What may have placeholders in it. */
export interface Fillable {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Names in a text, in order. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

/** Names anywhere in a request: in values of headers and in texts of the body, not in keys. */
export function placeholdersOf({ headers, body }: Fillable): Set<string> {
  const names = Object.values(headers).flatMap(placeholdersIn);
  mapTexts(body, (text) => (names.push(...placeholdersIn(text)), text));
  return new Set(names);
}

/** A text with the values of the names that have one; the rest stays as it is written. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(
    PLACEHOLDER,
    (all, name: string) => Object.hasOwn(values, name) ? values[name] ?? all : all,
  );
}

/** JSON with its texts replaced. */
export function mapTexts<T>(value: T, map: (text: string) => string): T {
  if (typeof value === "string") return map(value) as T;
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, mapTexts(one, map)]);
  return Object.fromEntries(entries) as T;
}
