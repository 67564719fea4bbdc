import type { JSX } from "preact";
import type { HeldLimit } from "../schema/machine_view.ts";
import { ScrollTable } from "./scroll_table.tsx";

const NAMES: Readonly<Record<HeldLimit["what"], string>> = {
  walls: "Walls around shell tasks",
  memory: "Memory",
  cpu: "CPU",
  pids: "Processes",
  wall_clock: "Time of a task",
  output: "Output of a task",
  file_size: "Size of a file",
  disk: "Size of a workspace",
  open_tasks: "Tasks at once",
};

/** What this machine has to hold tasks to their limits. */
export function LimitsTable({ limits }: { limits: readonly HeldLimit[] }): JSX.Element {
  return (
    <ScrollTable caption="What this machine holds tasks to" heads={["Limit", "Held by", "Note"]}>
      {limits.map(({ what, by, note }) => (
        <tr key={what}>
          <th scope="row">{NAMES[what]}</th>
          <td>{by ?? <strong>not held</strong>}</td>
          <td>{note ?? ""}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}
