import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** How far from its end a box still counts as scrolled to it, in pixels. */
const NEAR = 24;

/** A box that can follow its end while it grows. */
export interface Follow {
  readonly box: RefObject<HTMLPreElement>;
  readonly isOn: boolean;
  readonly set: (isOn: boolean) => void;
  readonly onScroll: () => void;
}

/**
 * Keeps a box scrolled to its end. Scrolling back to read ends it, scrolling to the end begins it
 * again, and so does `set`.
 */
export function useFollow(): Follow {
  const box = useRef<HTMLPreElement>(null);
  const [isOn, set] = useState(true);
  const lastTop = useRef(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && isOn) element.scrollTop = element.scrollHeight;
  });
  const onScroll = (): void => {
    const element = box.current;
    if (element === null) return;
    const isBack = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (left < NEAR) set(true);
    // A box that grew is scrolled by nobody: only going back is somebody's wish.
    else if (isBack) set(false);
  };
  return { box, isOn, set, onScroll };
}
