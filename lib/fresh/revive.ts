import { computed, signal } from "@preact/signals";
import { CONSTANTS, HOLE, type Table } from "./serialise.ts";

/**
 * Reads back what `serialise` wrote. Runs in the browser.
 *
 * @param slot makes the content of a piece of server-rendered JSX from its id
 * @returns the value that the table's first entry stands for
 */
export function revive(table: Table, slot: (id: number) => unknown = () => null): unknown {
  const known = new Map<number, unknown>();

  function at(ref: number): unknown {
    if (ref < 0) return CONSTANTS[-1 - ref];
    if (known.has(ref)) return known.get(ref);
    const entry = table[ref];
    if (!Array.isArray(entry)) return entry;
    const [tag, ...parts] = entry;
    const { value, fill } = start(String(tag), parts);
    known.set(ref, value); // before its members, one of which may be itself
    fill?.();
    return value;
  }

  function start(tag: string, parts: Table[number][] & unknown[]): Started {
    const refs = parts as number[];
    switch (tag) {
      case "Object":
        return startObject(parts);
      case "Array": {
        const value: unknown[] = new Array(refs.length);
        const fill = (): void => refs.forEach((ref, i) => ref === HOLE || (value[i] = at(ref)));
        return { value, fill };
      }
      case "Map": {
        const value = new Map();
        const fill = (): void => {
          for (let i = 0; i < refs.length; i += 2) {
            value.set(at(refs[i] ?? -1), at(refs[i + 1] ?? -1));
          }
        };
        return { value, fill };
      }
      case "Set": {
        const value = new Set();
        return { value, fill: () => refs.forEach((ref) => value.add(at(ref))) };
      }
      case "Signal": {
        const value = signal<unknown>(undefined);
        return { value, fill: () => value.value = at(refs[0] ?? -1) };
      }
      case "Computed":
        return { value: computed(() => at(refs[0] ?? -1)) };
      default:
        return { value: scalar(tag, parts[0], parts[1]) };
    }
  }

  function startObject(parts: unknown[]): Started {
    const value = {};
    const fill = (): void => {
      for (let i = 0; i < parts.length; i += 2) {
        // Not by assignment: `__proto__` is an ordinary key here.
        Object.defineProperty(value, String(parts[i]), {
          value: at(Number(parts[i + 1])),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    };
    return { value, fill };
  }

  function scalar(tag: string, first: unknown, second: unknown): unknown {
    if (tag === "BigInt") return BigInt(String(first));
    if (tag === "Date") return new Date(first === null ? NaN : Number(first));
    if (tag === "URL") return new URL(String(first));
    if (tag === "RegExp") return new RegExp(String(first), String(second));
    if (tag === "Bytes") {
      return Uint8Array.from(atob(String(first)), (char) => char.charCodeAt(0));
    }
    if (tag === "Slot") return slot(Number(first));
    throw new TypeError(
      `The page holds a "${tag}", which this version can't read; reload it.`,
    );
  }

  return at(0);
}

interface Started {
  value: unknown;
  fill?: () => void;
}
