/** Waiting for a signal, but not for ever. */

const DEADLINE_MS = 10_000;
/** The machine's own: a deadline passes also where a test has stopped the clock. */
const { setTimeout, clearTimeout } = globalThis;

/** The promise's value, or an error that says what never came. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  ms: number = DEADLINE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
