import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { spanText } from "./time_text.ts";
import { useWords } from "./words/words.ts";

/** How long something took, or has taken until now; a dash before it begins. */
export function TimeSpan(
  { from, to }: { from: string | null; to: string | null },
): JSX.Element {
  const words = useWords();
  if (from === null) return <span class="quiet">–</span>;
  if (to === null) return <SpanUntilNow from={from} />;
  return (
    <span class="amount" title={`${from} – ${to}`}>
      {spanText(Date.parse(to) - Date.parse(from), words.time)}
    </span>
  );
}

/** Goes on within an island; anywhere else it stays what it was when the page was made. */
function SpanUntilNow({ from }: { from: string }): JSX.Element {
  const words = useWords();
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="amount" title={`${from} – ${words.time.now}`}>
      {spanText(now.value - Date.parse(from), words.time)}
    </span>
  );
}
