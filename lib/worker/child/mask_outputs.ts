/** Blots secrets out of what a task hands on. Pure. */
import type { TaskResult } from "../../schema/room_events.ts";
import type { Mask } from "./mask.ts";

type Json = TaskResult["outputs"];

/** Outputs with texts, keys and numbers masked; a number in which something is masked is a text. */
export function maskOutputs(value: Json, mask: Mask): Json {
  if (mask.isEmpty) return value;
  if (typeof value === "string") return mask.apply(value);
  if (typeof value === "number") {
    const masked = mask.apply(String(value));
    return masked === String(value) ? value : masked;
  }
  if (Array.isArray(value)) return value.map((item) => maskOutputs(item, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [mask.apply(key), maskOutputs(item, mask)]),
  );
}
