import canonicalize from "canonicalize";

/**
 * JSON with one possible text per content (RFC 8785): keys sorted, no white space.
 *
 * @throws {TypeError} when the value has no JSON form, such as undefined or a function
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("the value has no JSON form");
  return text;
}
