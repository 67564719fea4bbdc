import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Requester } from "../api/client_request.ts";
import { type WaitingCounts, waitingTotal } from "../schema/waiting_counts.ts";
import { faviconHref } from "./favicon.ts";
import { withCount } from "./waiting_title.ts";

/** How often a page asks, in milliseconds. It asks when it is hidden as well: then its icon is what is seen. */
const EVERY_MS = 5_000;

/** How much waits, kept up to date here, in the title of the page and in its icon. */
export function useWaiting(first: WaitingCounts): Signal<WaitingCounts> {
  const counts = useSignal(first);
  useEffect(() => {
    const requester = new Requester({ baseUrl: "" });
    const look = async (): Promise<void> => {
      const answer = await requester.json<WaitingCounts>("/waiting");
      // Who was signed out, or whose node is away, sees what was true last: the page itself says so.
      if (answer.ok) show(counts, answer.data);
    };
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return counts;
}

function show(counts: Signal<WaitingCounts>, now: WaitingCounts): void {
  const { confirmations, decisions } = counts.value;
  if (now.confirmations === confirmations && now.decisions === decisions) return;
  counts.value = now;
  const total = waitingTotal(now);
  document.title = withCount(document.title, total);
  document.querySelector("link[rel=icon]")?.setAttribute("href", faviconHref(total));
}
