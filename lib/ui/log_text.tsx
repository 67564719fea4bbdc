import type { JSX } from "preact";
import { AnsiText } from "./ansi_text.tsx";
import type { LogLineView } from "../schema/api.ts";
import { useStickToEnd } from "./stick_to_end.ts";

/** Lines of output as text; what went to stderr is told apart. */
export function LogText(
  { lines, label, found }: {
    lines: readonly LogLineView[];
    label: string;
    /** What was searched for, to be marked. */
    found?: string;
  },
): JSX.Element {
  const stick = useStickToEnd();
  return (
    <pre class="log" tabIndex={0} aria-label={label} {...stick}>
      <code>
        {lines.map((line) => (
          <span key={line.seq} class={line.stream} title={`${line.stream}, ${line.time}`}>
            <AnsiText text={line.text} found={found} />
            {"\n"}
          </span>
        ))}
      </code>
    </pre>
  );
}
