import type { JSX } from "preact";
import type { DraftGraph, DraftView } from "./draft_view.ts";
import { Notice } from "./notice.tsx";
import { PanZoom, sizeOf } from "./pan_zoom.tsx";
import { ProblemList } from "./problem_list.tsx";
import { TaskGraph } from "./task_graph.tsx";
import type { ShownDraft } from "./use_draft.ts";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** What is right or wrong with a document, and its graph as far as it can be made out. */
export function DraftReport({ draft }: { draft: ShownDraft }): JSX.Element {
  const { publish } = useWords();
  const { text, view, isGraphOld } = draft;
  return (
    <>
      <Verdict text={text} view={view} />
      {view.graph !== null && (
        <section aria-labelledby="graph">
          <h2 id="graph">{publish.graph}</h2>
          {isGraphOld && <p class="quiet small">{publish.oldGraph}</p>}
          <Picture graph={view.graph} />
        </section>
      )}
    </>
  );
}

function Verdict({ text, view }: Pick<ShownDraft, "text" | "view">): JSX.Element {
  const { publish } = useWords();
  switch (view.kind) {
    case "empty":
      return <p class="quiet needs-script">{publish.live}</p>;
    case "good":
      return <Notice kind="good" title={publish.good(visibleText(view.dag_id), view.version)} />;
    case "problems":
      return (
        <Notice kind="bad" title={problemTitle(view, publish)} code={view.code} isCalm>
          <ProblemList problems={view.problems} source={text} />
        </Notice>
      );
  }
}

function Picture({ graph: { count, picture } }: { graph: DraftGraph }): JSX.Element {
  const { graph } = useWords();
  if (picture === null) return <p class="quiet">{graph.tooLarge}</p>;
  const label = graph.of(count);
  return (
    <PanZoom label={label} size={sizeOf(picture)}>
      {/* With JavaScript a box leads to its line in the field. */}
      <TaskGraph picture={picture} hrefOf={() => "#document"} label={label} />
    </PanZoom>
  );
}

function problemTitle(
  { code, problems }: Extract<DraftView, { kind: "problems" }>,
  words: ReturnType<typeof useWords>["publish"],
): string {
  return code === "invalid_spec" ? words.problems(problems.length) : words.refused;
}
