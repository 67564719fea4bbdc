/** How much waits, as a title says it. */
export function countIn(title: string): number {
  return Number(/^\((\d+)\) /.exec(title)?.[1] ?? 0);
}

/** A title with how much waits in front of it, whatever stood there before. */
export function withCount(title: string, count: number): string {
  const rest = title.replace(/^\(\d+\) /, "");
  return count > 0 ? `(${count}) ${rest}` : rest;
}
