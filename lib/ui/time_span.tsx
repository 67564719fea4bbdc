import type { JSX } from "preact";
import { spanText } from "./time_text.ts";

/** How long something took, or has taken until now; a dash before it begins. */
export function TimeSpan(
  { from, to }: { from: string | null; to: string | null },
): JSX.Element {
  if (from === null) return <span class="quiet">–</span>;
  const end = to === null ? Date.now() : Date.parse(to);
  return <span title={`${from} – ${to ?? "now"}`}>{spanText(end - Date.parse(from))}</span>;
}
