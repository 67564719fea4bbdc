/** A time limit for one request that leaves no timer behind. */

/** Gives work a signal that ends it when the time is over, or with another signal. */
export async function withDeadline<T>(
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new DOMException(`no answer within ${ms} ms`, "TimeoutError")),
    ms,
  );
  const end = (): void => deadline.abort(signal?.reason);
  if (signal?.aborted === true) end();
  else signal?.addEventListener("abort", end, { once: true });
  try {
    return await work(deadline.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}
