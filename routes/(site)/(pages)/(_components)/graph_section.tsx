import type { JSX } from "preact";
import { GraphView } from "../../../../islands/graph-view.tsx";
import type { DagSpec } from "../../../../lib/schema/dag_spec.ts";
import type { GraphPicture } from "../../../../lib/ui/graph_layout.ts";
import { sizeOf } from "../../../../lib/ui/pan_zoom.tsx";
import { taskAnchor } from "../../../../lib/ui/task_anchor.ts";
import { taskPicture } from "../../../../lib/ui/task_boxes.ts";
import { TaskGraph } from "../../../../lib/ui/task_graph.tsx";
import { useWords } from "../../../../lib/ui/words/words.ts";

/** The graph of a version, or why there is none; nothing for a single task. */
export function GraphSection(
  { spec, picture }: { spec: DagSpec; picture: GraphPicture | undefined },
): JSX.Element | null {
  const { graph } = useWords();
  if (spec.tasks.length < 2) return null;
  const label = graph.of(spec.tasks.length);
  return (
    <>
      <h3>{graph.title}</h3>
      {picture === undefined
        ? <p class="quiet">{graph.tooLarge}</p>
        : (
          <GraphView label={label} size={sizeOf(picture)}>
            <TaskGraph
              picture={taskPicture(picture, spec.tasks)}
              hrefOf={({ id }) => `#${encodeURIComponent(taskAnchor(spec.dag_id, id))}`}
              label={label}
            />
          </GraphView>
        )}
    </>
  );
}
