import type { JSX } from "preact";
import type { LogLineView } from "../schema/api.ts";
import { AnsiText } from "./ansi_text.tsx";

/** Lines of output in their colours; what went to stderr has a bar. */
export function LogLines({ lines, found, labels }: {
  lines: readonly LogLineView[];
  /** What was searched for, to be marked. */
  found?: string;
  /** What lines say they are of, where that changes. */
  labels?: "task" | "attempt";
}): JSX.Element {
  return (
    <>
      {lines.map((line, at) => {
        const before = lines[at - 1];
        const isSame = before?.task_id === line.task_id && before.attempt === line.attempt;
        // Drawn by the stylesheet: who copies output gets output.
        const label = labels ? { [`data-${labels}`]: isSame ? "" : labelOf(line, labels) } : {};
        return (
          <span key={line.seq} class={line.stream} title={line.time} {...label}>
            <AnsiText text={line.text} found={found} />
            {"\n"}
          </span>
        );
      })}
    </>
  );
}

function labelOf({ task_id, attempt }: LogLineView, labels: "task" | "attempt"): string {
  if (labels === "attempt") return `#${attempt}`;
  return attempt > 1 ? `${task_id} #${attempt}` : task_id;
}
