import type { JSX } from "preact";
import { agoText } from "./time_text.ts";
import { useWords } from "./words/words.ts";

/** A moment as people say it, with the exact one to hover over; a dash for none. */
export function TimeAgo({ time }: { time: string | null }): JSX.Element {
  const words = useWords();
  if (time === null) return <span class="quiet">–</span>;
  return <time dateTime={time} title={time}>{agoText(time, Date.now(), words.time)}</time>;
}
