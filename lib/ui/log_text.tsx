import type { JSX } from "preact";
import type { LogLineView } from "../schema/api.ts";
import { useStickToEnd } from "./stick_to_end.ts";
import { visibleLogLine } from "./visible_text.ts";

/** Lines of output as text; what went to stderr is told apart. */
export function LogText(
  { lines, label }: { lines: readonly LogLineView[]; label: string },
): JSX.Element {
  const stick = useStickToEnd();
  return (
    <pre class="log" tabIndex={0} aria-label={label} {...stick}>
      <code>
        {lines.map((line) => (
          <span key={line.seq} class={line.stream} title={`${line.stream}, ${line.time}`}>
            {`${visibleLogLine(line.text)}\n`}
          </span>
        ))}
      </code>
    </pre>
  );
}
