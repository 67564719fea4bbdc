/** A version number in the query of a request. */
import { CisError } from "../errors.ts";

/** The number, or undefined where the parameter is absent. @throws {CisError} `invalid_request` */
export function versionParam(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CisError("invalid_request", `${name} must be a version number from 1, not "${text}"`);
}
