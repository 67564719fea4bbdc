import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LogLineView } from "../schema/log_view.ts";
import { followLines, followLive } from "./follow_live.ts";
import { lastSeq, type LogTail, withLines } from "./log_tail.ts";
import { whileShown } from "./while_shown.ts";

/** What a page shows when it is loaded, and how it goes on. */
export interface LiveProps<View> {
  readonly view: View;
  readonly tail: LogTail;
  /** Address of the stream, and the place in it that `view` and `tail` have reached. */
  readonly path: string;
  readonly after: string;
  /** Address of the output, where another node keeps it. */
  readonly linesPath?: string;
}

/** What a page shows now. */
export interface Live<View> {
  readonly view: Signal<View>;
  readonly tail: Signal<LogTail>;
  /** Whether the node lets it no longer follow. */
  readonly isStale: Signal<boolean>;
}

/** Keeps a view and its output up to date while the page is seen, until nothing more can come. */
export function useLive<View>(props: LiveProps<View>, hasEnded: boolean): Live<View> {
  const view = useSignal(props.view);
  const tail = useSignal(props.tail);
  const isStale = useSignal(false);
  useEffect(() => {
    // What another node keeps comes from there, however long ago the run has ended.
    if (hasEnded && props.linesPath === undefined) return;
    let after = props.after;
    const onLines = inFrames((lines) => (tail.value = withLines(tail.peek(), lines)));
    return whileShown((signal) => {
      const becomeStale = (): void => void (isStale.value = true);
      if (props.linesPath !== undefined) {
        const from = { path: props.linesPath, after: String(lastSeq(tail.peek())) };
        followLines({ ...from, onLines, signal }).catch(becomeStale);
      }
      if (hasEnded) return;
      followLive<View>({
        path: props.path,
        after,
        onView: (next) => (view.value = next),
        onLines,
        onPlace: (place) => (after = place),
        signal,
      }).catch(becomeStale);
    });
  }, []);
  return { view, tail, isStale };
}

/** Hands lines on with the next picture: thousands in a second are drawn sixty times, not thousands. */
function inFrames(show: (lines: readonly LogLineView[]) => void): typeof show {
  let waiting: LogLineView[] = [];
  return (lines) => {
    if (waiting.length === 0) {
      requestAnimationFrame(() => {
        const all = waiting;
        waiting = [];
        show(all);
      });
    }
    waiting.push(...lines);
  };
}
