import type { JSX } from "preact";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { GraphPicture } from "./graph_layout.ts";
import { taskAnchor } from "./task_anchor.ts";
import { TaskGraph } from "./task_graph.tsx";
import { useWords } from "./words/words.ts";

/** The graph of a version, or why there is none; nothing for a single task. */
export function GraphSection(
  { spec, picture }: { spec: DagSpec; picture: GraphPicture | undefined },
): JSX.Element | null {
  const { graph } = useWords();
  if (spec.tasks.length < 2) return null;
  return (
    <>
      <h3>{graph.title}</h3>
      {picture === undefined ? <p class="quiet">{graph.tooLarge}</p> : (
        <TaskGraph
          picture={picture}
          tasks={spec.tasks}
          hrefOf={(taskId) => `#${encodeURIComponent(taskAnchor(spec.dag_id, taskId))}`}
          label={graph.of(spec.tasks.length)}
        />
      )}
    </>
  );
}
