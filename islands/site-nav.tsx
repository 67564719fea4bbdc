import type { JSX } from "preact";
import type { WaitingCounts } from "../lib/schema/waiting_counts.ts";
import { useWaiting } from "../lib/ui/use_waiting.ts";
import { useWords } from "../lib/ui/words/words.ts";

const PLACES = [
  ["/", "overview"],
  ["/pending", "waiting"],
  ["/decisions", "decisions"],
  ["/dags", "dags"],
  ["/runs", "runs"],
  ["/workers", "workers"],
  ["/logs", "logs"],
] as const;
const SETTINGS = ["/settings", "settings"] as const;

/** Where one can go, with how much waits there. */
export function SiteNav({ path, isAdmin, counts }: {
  /** Where one is. */
  path: string;
  isAdmin: boolean;
  counts: WaitingCounts;
}): JSX.Element {
  const { frame } = useWords();
  const { confirmations, decisions } = useWaiting(counts).value;
  const waiting: Readonly<Record<string, number>> = {
    "/pending": confirmations,
    "/decisions": decisions,
  };
  return (
    <nav aria-label={frame.main}>
      {[...PLACES, ...(isAdmin ? [SETTINGS] : [])].map(([place, name]) => {
        const count = waiting[place] ?? 0;
        return (
          // Said either way: Fresh marks links to what is above the page, and the first is above all.
          <a key={place} href={place} aria-current={isAt(path, place) ? "page" : "false"}>
            {frame[name]}
            {count > 0 && <span class="count">{count}</span>}
          </a>
        );
      })}
    </nav>
  );
}

function isAt(path: string, place: string): boolean {
  if (place === "/") return path === "/";
  return path === place || path.startsWith(`${place}/`);
}
