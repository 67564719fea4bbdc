import type { JSX } from "preact";
import type { HeldLimit } from "../schema/machine_view.ts";
import { ScrollTable } from "./scroll_table.tsx";
import { useWords } from "./words/words.ts";

/** What this machine has to hold tasks to their limits. */
export function LimitsTable({ limits }: { limits: readonly HeldLimit[] }): JSX.Element {
  const words = useWords().limits;
  return (
    <ScrollTable caption={words.caption} heads={[words.limit, words.by, words.note]}>
      {limits.map(({ what, by, note }) => (
        <tr role="row" key={what}>
          <th scope="row" role="rowheader">{words[what]}</th>
          <td role="cell" data-label={words.by}>{by ?? <strong>{words.notHeld}</strong>}</td>
          <td role="cell" data-label={words.note} class="prose">{note ?? ""}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}
