import { quote } from "./quote.ts";
import { formatPath, type Problem, problem, type ProblemCode } from "./spec_problem.ts";

const MAX_DEPTH = 64;
const DEFAULT_MAX_WEIGHT = 64 * 1024 * 1024;

interface Place {
  value: unknown;
  key: PropertyKey | undefined;
  parent: Place | undefined;
  depth: number;
}

/**
 * Makes sure that a document is plain JSON of reasonable depth and weight, whatever it
 * was read from: YAML can be circular or blow up through aliases, TOML has dates, and a
 * key `__proto__` or a NUL can do harm far from here. What fails this is not looked at
 * any further.
 *
 * @param options.maxWeight characters of text plus number of values
 */
export function checkPlainJson(
  document: unknown,
  options: { maxWeight?: number } = {},
): Problem[] {
  const maxWeight = options.maxWeight ?? DEFAULT_MAX_WEIGHT;
  const problems: Problem[] = [];
  const open: Place[] = [{ value: document, key: undefined, parent: undefined, depth: 0 }];
  let weight = 0;
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    weight += 1 + lengthOf(place.key) + lengthOf(place.value);
    const stop = whyStop(place, weight > maxWeight);
    if (stop !== undefined) return [problem(pathOf(place), ...stop)];
    const fault = whyNotPlain(place.value) ?? whyBadText(place.key);
    if (fault !== undefined) problems.push(problem(pathOf(place), ...fault));
    else pushChildren(place, open);
  }
  return problems.reverse();
}

type Fault = [ProblemCode, string];

function whyStop(place: Place, tooHeavy: boolean): Fault | undefined {
  if (tooHeavy) return ["too_large", "the document is too large once its aliases are followed"];
  if (place.depth > MAX_DEPTH) return ["too_deep", `nested deeper than ${MAX_DEPTH} levels`];
  if (place.key === "__proto__") return ["forbidden_key", 'the key "__proto__" is not allowed'];
  return undefined;
}

function whyNotPlain(value: unknown): Fault | undefined {
  switch (typeof value) {
    case "string":
      return whyBadText(value);
    case "boolean":
      return undefined;
    case "number":
      if (Number.isFinite(value)) return undefined;
      return ["not_json", `${value} has no JSON form`];
    case "object":
      if (value === null || Array.isArray(value) || isPlainObject(value)) return undefined;
      if (!(value instanceof Date)) return ["not_json", "an object that has no JSON form"];
      return ["not_json", "a date has no JSON form; write it as text, in quotes"];
    default:
      return ["not_json", `${quote(value)} has no JSON form`];
  }
}

function whyBadText(text: unknown): Fault | undefined {
  if (typeof text !== "string") return undefined;
  if (text.includes("\0")) return ["bad_text", "the text has a NUL character"];
  if (!text.isWellFormed()) return ["bad_text", "the text has half a surrogate pair"];
  return undefined;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

function pushChildren(place: Place, open: Place[]): void {
  const { value } = place;
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, child] of entries) {
    open.push({ value: child, key, parent: place, depth: place.depth + 1 });
  }
}

/** A path beyond this is cut: how far something is too deep helps nobody. */
const MAX_PATH = 8;

/** Paths are put together only where there is something to say. */
function pathOf(place: Place): string {
  const keys: PropertyKey[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (at.key !== undefined) keys.push(at.key);
  }
  return formatPath(keys.reverse().slice(0, MAX_PATH));
}
