/**
 * Writes island props down for the browser; `revive.ts` reads them back.
 *
 * The form is one flat table of values. A container refers to its members by their index,
 * so an object or signal that occurs twice is written once and shared again when revived,
 * and cycles need no special case. The table holds arrays and primitives only, which makes
 * its JSON safe as a JavaScript expression too (an object literal may not hold `__proto__`).
 */

/** References that stand for a value JSON can't write. */
export const CONSTANTS: readonly unknown[] = [undefined, NaN, Infinity, -Infinity, -0];
/** A gap in a sparse array. */
export const HOLE = -100;

export type Table = (null | boolean | number | string | (null | number | string)[])[];

/** Tells the id of a piece of server-rendered JSX, or undefined for other values. */
export type SlotOf = (value: unknown) => number | undefined;

const SIGNAL = Symbol.for("preact-signals");

/** Whether `value` is a Preact signal; two copies of the library recognise each other's. */
export function isSignal(value: unknown): value is { peek(): unknown } {
  return typeof value === "object" && value !== null &&
    Reflect.get(value, "brand") === SIGNAL;
}

/**
 * @returns a table whose first entry is `root`
 * @throws {TypeError} when something in `root` can't be sent; the message says where it is
 */
export function serialise(root: object, slotOf: SlotOf = () => undefined): Table {
  const table: Table = [];
  const known = new Map<unknown, number>();

  function refTo(value: unknown, path: string): number {
    const constant = CONSTANTS.findIndex((item) => Object.is(item, value));
    if (constant !== -1) return -1 - constant;
    const seen = known.get(value);
    if (seen !== undefined) return seen;
    const ref = table.push(null) - 1; // its place is taken before its members are visited
    known.set(value, ref);
    table[ref] = write(value, path);
    return ref;
  }

  function write(value: unknown, path: string): Table[number] {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number" || typeof value === "string") return value;
    if (typeof value === "bigint") return ["BigInt", String(value)];
    if (typeof value !== "object") {
      throw new TypeError(
        `${path} is a ${typeof value}; islands take only data, because their props travel ` +
          `to the browser as text.`,
      );
    }
    return writeObject(value, path);
  }

  function writeObject(value: object, path: string): Table[number] {
    const slot = slotOf(value);
    if (slot !== undefined) return ["Slot", slot];
    if (isSignal(value)) {
      return [isWritable(value) ? "Signal" : "Computed", refTo(value.peek(), `${path}.value`)];
    }
    if (value instanceof Date) return ["Date", value.getTime()];
    if (value instanceof URL) return ["URL", value.href];
    if (value instanceof RegExp) return ["RegExp", value.source, value.flags];
    if (value instanceof Uint8Array) return ["Bytes", toBase64(value)];
    if (value instanceof Map) {
      return ["Map", ...[...value].flat().map((item) => refTo(item, `${path}(Map)`))];
    }
    if (value instanceof Set) {
      return ["Set", ...[...value].map((item) => refTo(item, `${path}(Set)`))];
    }
    if (Array.isArray(value)) return ["Array", ...writeItems(value, path)];
    return [
      "Object",
      ...Object.entries(value).flatMap(([key, item]) => [key, refTo(item, `${path}.${key}`)]),
    ];
  }

  function writeItems(items: unknown[], path: string): number[] {
    return Array.from(items, (item, i) => i in items ? refTo(item, `${path}[${i}]`) : HOLE);
  }

  refTo(root, "props");
  return table;
}

/** A computed signal has no setter. */
function isWritable(signal: object): boolean {
  for (
    let at: object | null = signal;
    at !== null;
    at = Object.getPrototypeOf(at)
  ) {
    const property = Object.getOwnPropertyDescriptor(at, "value");
    if (property !== undefined) {
      return property.set !== undefined || property.writable === true;
    }
  }
  return false;
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
