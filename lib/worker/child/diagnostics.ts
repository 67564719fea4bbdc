/** The worker's own remarks: plain lines on stderr, which the node keeps as the worker's log. */

const encoder = new TextEncoder();

/** Writes a line to stderr. */
export function note(line: string): void {
  try {
    Deno.stderr.writeSync(encoder.encode(`${line}\n`));
  } catch {
    // The node that read it is gone; nobody is left to tell.
  }
}
