/** What differs between two texts, line by line. Pure. */

/** A line, and on which side it is. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** Lines that are alike and not shown. */
export interface DiffGap {
  readonly kind: "gap";
  readonly count: number;
}

/** Larger tables of comparison than this would take too long: then all is told as replaced. */
const MOST_CELLS = 1_000_000;

/** All lines of both texts: those that stay once, the others before and after. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (
    end < a.length - start && end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) end++;
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** By a longest common subsequence. */
function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length * b.length > MOST_CELLS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j]
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [old = "", now = ""] = [a[i], b[j]];
    if (i < a.length && j < b.length && old === now) {
      lines.push({ kind: "same", text: old });
      [i, j] = [i + 1, j + 1];
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(removed(old));
      i++;
    } else {
      lines.push(added(now));
      j++;
    }
  }
  return lines;
}

/** Leaves out what stays, but for a few lines around what doesn't. */
export function withGaps(lines: readonly DiffLine[], around = 2): (DiffLine | DiffGap)[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== "same")
  );
  const shown: (DiffLine | DiffGap)[] = [];
  let hidden = 0;
  lines.forEach((line, at) => {
    if (!near[at]) {
      hidden++;
      return;
    }
    if (hidden > 0) shown.push({ kind: "gap", count: hidden });
    hidden = 0;
    shown.push(line);
  });
  if (hidden > 0) shown.push({ kind: "gap", count: hidden });
  return shown;
}
