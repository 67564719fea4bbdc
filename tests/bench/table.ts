/** How the benchmarks show what they have measured. */
const encoder = new TextEncoder();

/** A line of output. */
export function print(text: string): void {
  Deno.stdout.writeSync(encoder.encode(`${text}\n`));
}

/** One line of the table. */
export function note(name: string, value: string, aim?: string): void {
  print(`  ${name.padEnd(52)} ${value.padStart(16)}   ${aim === undefined ? "" : `aim: ${aim}`}`);
}

/** The value below which a share of the values is. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** A number of milliseconds, of bytes, of things in a time, as text. */
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
export const perSecond = (count: number, elapsed: number): string =>
  `${(count / elapsed * 1000).toFixed(0)} /s`;
