import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** How far from its end a box still counts as scrolled to it, in pixels. */
const NEAR = 24;

/**
 * Keeps a box scrolled to its end while it grows, unless somebody has scrolled back to read.
 * @returns what to give to the element
 */
export function useStickToEnd(): { ref: RefObject<HTMLPreElement>; onScroll: () => void } {
  const ref = useRef<HTMLPreElement>(null);
  const sticks = useRef(true);
  useLayoutEffect(() => {
    const box = ref.current;
    if (box !== null && sticks.current) box.scrollTop = box.scrollHeight;
  });
  const onScroll = (): void => {
    const box = ref.current;
    if (box === null) return;
    sticks.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  };
  return { ref, onScroll };
}
