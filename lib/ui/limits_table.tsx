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
        <tr key={what}>
          <th scope="row">{words[what]}</th>
          <td>{by ?? <strong>{words.notHeld}</strong>}</td>
          <td class="prose">{note ?? ""}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}
