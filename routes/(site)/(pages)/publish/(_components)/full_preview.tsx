import type { JSX } from "preact";
import type { PublishAnswer } from "../../../../../lib/schema/api.ts";
import type { DagSpec } from "../../../../../lib/schema/dag_spec.ts";
import { PermissionList } from "../../../../../lib/ui/permission_list.tsx";
import { RiskSummary } from "../../../../../lib/ui/risk_summary.tsx";
import { TaskCard } from "../../../../../lib/ui/task_card.tsx";
import { WarningList } from "../../../../../lib/ui/warning_list.tsx";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** What a person will be asked to confirm. */
export function FullPreview(
  { answer, spec }: { answer: PublishAnswer; spec: DagSpec },
): JSX.Element {
  const { publish, pending } = useWords();
  return (
    <section aria-labelledby="preview">
      <h2 id="preview">{publish.full}</h2>
      <WarningList warnings={answer.warnings} />
      <RiskSummary spec={spec} />
      <h3>{pending.touches}</h3>
      <PermissionList permissions={answer.permissions} />
      <h3>{pending.itsTasks(spec.tasks.length)}</h3>
      <ol class="tasks">
        {spec.tasks.map((task) => <TaskCard key={task.id} task={task} dagId={spec.dag_id} />)}
      </ol>
    </section>
  );
}
