import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { spanText } from "../lib/ui/time_text.ts";
import { useWords } from "../lib/ui/words/words.ts";

const SECOND = 1_000;

/**
 * The time that is left to decide, going down. Without JavaScript it stays what it was when the
 * page was made.
 */
export function Countdown({ leftMs }: {
  /** Milliseconds that were left when the server made the page. */
  leftMs: number;
}): JSX.Element {
  const { countdown, time } = useWords();
  const seconds = useSignal(wholeSeconds(leftMs));
  useEffect(() => {
    // From when the page was asked for: a browser's clock may be wrong, and what it says must not be
    // later than the truth.
    const end = Date.now() - performance.now() + leftMs;
    const update = (): void => {
      seconds.value = wholeSeconds(end - Date.now());
    };
    update();
    const timer = setInterval(update, SECOND / 4);
    return () => clearInterval(timer);
  }, []);
  if (seconds.value === 0) return <span>{countdown.over}</span>;
  return <span role="timer">{countdown.left(spanText(seconds.value * SECOND, time))}</span>;
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / SECOND));
}
