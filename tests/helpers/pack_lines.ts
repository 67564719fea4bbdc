/** Single lines as the chunks in which a worker would send them. */
import type { LogLine, LogRun, LogStretch } from "../../lib/schema/log_chunk.ts";

/** Most characters of one chunk. */
const MAX_TEXT = 20_000;

/** Packs lines: those whose numbers follow each other together, as far as they fit. */
export function packLines(lines: readonly LogLine[]): LogStretch[] {
  const stretches: LogLine[][] = [];
  let length = 0;
  for (const line of lines) {
    if (line.text.includes("\n")) throw new Error(`a line has no line end in it: ${line.text}`);
    const last = stretches.at(-1);
    length += line.text.length + 1;
    if (last?.at(-1)?.line === line.line - 1 && length <= MAX_TEXT) last?.push(line);
    else {
      stretches.push([line]);
      length = line.text.length;
    }
  }
  return stretches.map(packed);
}

function packed(lines: readonly LogLine[]): LogStretch {
  const { line: first_line, time } = lines[0] ?? { line: 1, time: 0 };
  const runs = lines.map((line): LogRun => [line.stream === "stdout" ? 0 : 1, 1, line.time - time]);
  return { first_line, time, runs, text: lines.map(({ text }) => text).join("\n") };
}
