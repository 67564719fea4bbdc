/**
 * Works while the page can be seen. A browser allows six connections to a node over plain HTTP, all
 * its tabs together: pages in the background that held on to theirs would keep others from loading.
 * @param work called each time the page comes into view; its signal ends it when the page is hidden
 * @returns how to stop for good
 */
export function whileShown(work: (signal: AbortSignal) => void): () => void {
  let current: AbortController | undefined;
  const update = (): void => {
    if (document.hidden) {
      current?.abort();
      current = undefined;
    } else if (current === undefined) {
      current = new AbortController();
      work(current.signal);
    }
  };
  document.addEventListener("visibilitychange", update);
  update();
  return () => {
    document.removeEventListener("visibilitychange", update);
    current?.abort();
  };
}
