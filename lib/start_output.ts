/** Where a starting node writes: lines to stdout, errors to stderr. */
export interface Output {
  line(text: string): void;
  error(text: string): void;
}

/** Writes to the terminal, at once. */
export function createOutput(): Output {
  const encoder = new TextEncoder();
  return {
    line: (text) => void Deno.stdout.writeSync(encoder.encode(`${text}\n`)),
    error: (text) => void Deno.stderr.writeSync(encoder.encode(`${text}\n`)),
  };
}
