/** Shows any JSON value as an indented outline, for answers whose shape is the node's business. */
import type { Json } from "../api/client.ts";
import type { Output } from "./output.ts";

/** Writes a value; empty and absent parts are left out. */
export function showTree(out: Output, value: Json, indent = ""): void {
  if (Array.isArray(value)) {
    for (const item of value) showItem(out, item, indent);
  } else if (value !== null && typeof value === "object") {
    for (const [name, part] of Object.entries(value)) showPart(out, { name, part, indent });
  } else {
    out.block(String(value), indent);
  }
}

function showItem(out: Output, item: Json, indent: string): void {
  if (item === null || typeof item !== "object") return out.block(`- ${item}`, indent);
  out.line(`${indent}-`);
  showTree(out, item, indent + "  ");
}

function showPart(out: Output, line: { name: string; part: Json; indent: string }): void {
  const { name, part, indent } = line;
  const label = indent + out.paint("dim", name.replaceAll("_", " "));
  if (part === null || part === "") return;
  if (typeof part !== "object") return out.block(`${label}  ${part}`);
  if (Object.keys(part).length === 0) return;
  out.line(label);
  showTree(out, part, indent + "  ");
}
