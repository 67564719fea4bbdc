/**
 * Moves that turn older spellings into canonical ones, on plain JSON objects. Every move
 * returns a new object; the author's document is never changed.
 * @module
 */
import { canonicalJson } from "./canonical_json.ts";
import { quote } from "./quote.ts";
import { type Findings, formatPath, problem } from "./spec_problem.ts";
import { snakeCase } from "./suggest.ts";

/** A JSON object whose fields nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Where an object stands in the document. */
export type Path = readonly PropertyKey[];

/** Whether a value is a JSON object, as opposed to a list, null or a simple value. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Leaves out what is null: an optional field that is null is one that is not there. */
export function withoutNulls(object: JsonObject): JsonObject {
  return without(object, ...Object.keys(object).filter((field) => object[field] === null));
}

/** Leaves out some fields. */
export function without(object: JsonObject, ...fields: readonly string[]): JsonObject {
  if (!fields.some((field) => field in object)) return object;
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

/** Leaves out fields whose text is empty, where empty says no more than absent. */
export function withoutEmpty(object: JsonObject, ...fields: readonly string[]): JsonObject {
  return without(object, ...fields.filter((field) => object[field] === ""));
}

/** Applies a move to one field, if it is there. */
export function mapField(
  object: JsonObject,
  field: string,
  move: (value: unknown) => unknown,
): JsonObject {
  return field in object ? { ...object, [field]: move(object[field]) } : object;
}

/** Applies a move to one field, if it is there and is an object. */
export function mapObject(
  object: JsonObject,
  field: string,
  move: (value: JsonObject) => JsonObject,
): JsonObject {
  return mapField(object, field, (value) => isObject(value) ? move(value) : value);
}

/** Writes the names that some fields hold in snake_case: `AllSuccess` is `all_success`. */
export function foldNames(object: JsonObject, ...fields: readonly string[]): JsonObject {
  const fold = (value: unknown): unknown =>
    typeof value === "string" && /[A-Z]/.test(value) ? snakeCase(value) : value;
  return fields.reduce((result, field) => mapField(result, field, fold), object);
}

/** Options of {@linkcode rename}. */
export interface RenameOptions {
  from: string;
  to: string;
  path: Path;
  /** Turns values into a form in which equal ones are equal; by default they stay. */
  comparable?: (value: unknown) => unknown;
}

/**
 * Gives a field its canonical name. Both names with the same value are fine; with
 * different values nobody can tell which was meant, which is a problem.
 */
export function rename(object: JsonObject, findings: Findings, options: RenameOptions): JsonObject {
  const { from, to, path, comparable = (value) => value } = options;
  if (!(from in object)) return object;
  const value = object[from];
  if (to in object && !sameJson(comparable(value), comparable(object[to]))) {
    const message = `"${from}" is an older name of "${to}", and both are given with ` +
      `different values (${quote(value)} and ${quote(object[to])}); keep one of them`;
    findings.problems.push(problem(formatPath([...path, to]), "conflicting_fields", message));
  }
  return { [to]: value, ...without(object, from) };
}

/** Whether two values have the same content. Values that are not JSON equal nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}
