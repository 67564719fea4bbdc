import type { ComponentChildren, JSX } from "preact";
import { stringify } from "yaml";
import type { DagSpec } from "../schema/dag_spec.ts";
import { diffSpecs } from "../schema/spec_diff.ts";
import { LineChanges } from "./line_changes.tsx";
import { useWords } from "./words/words.ts";

/** What changed between two versions: the DAG itself, then task by task, line by line. */
export function SpecChanges({ from, to, level = 4 }: {
  from: DagSpec;
  to: DagSpec;
  /** Of the headings, one below that of the whole. */
  level?: 3 | 4;
}): JSX.Element {
  const { changes } = useWords();
  const diff = diffSpecs(from, to);
  const changed = new Set(diff.tasks_changed.map(({ task_id }) => task_id));
  const count = diff.dag.length + diff.tasks_added.length + diff.tasks_removed.length +
    changed.size;
  if (count === 0) return <p>{changes.none}</p>;
  const before = new Map(from.tasks.map((task) => [task.id, task]));
  return (
    <div class="changes">
      {diff.dag.length > 0 && (
        <section>
          <Heading level={level}>{changes.dag}</Heading>
          <LineChanges
            before={yamlOf({ ...from, tasks: undefined })}
            after={yamlOf({ ...to, tasks: undefined })}
            label={changes.dag}
          />
        </section>
      )}
      {from.tasks.filter(({ id }) => diff.tasks_removed.includes(id)).map((task) => (
        <TaskChange
          key={task.id}
          id={task.id}
          kind="removed"
          before={yamlOf(task)}
          after=""
          level={level}
        />
      ))}
      {to.tasks.filter(({ id }) => changed.has(id) || !before.has(id)).map((task) => {
        const old = before.get(task.id);
        return (
          <TaskChange
            key={task.id}
            id={task.id}
            kind={old === undefined ? "added" : "changed"}
            before={old === undefined ? "" : yamlOf(old)}
            after={yamlOf(task)}
            level={level}
          />
        );
      })}
    </div>
  );
}

function TaskChange({ id, kind, before, after, level }: {
  id: string;
  kind: "added" | "removed" | "changed";
  before: string;
  after: string;
  level: 3 | 4;
}): JSX.Element {
  const { changes } = useWords();
  const title = changes.task(id, changes[kind]);
  return (
    <section>
      <Heading level={level}>
        <code>{id}</code> <span class={`tag tag-${kind}`}>{changes[kind]}</span>
      </Heading>
      {kind === "changed" ? <LineChanges before={before} after={after} label={title} /> : (
        <details>
          <summary>{changes.show}</summary>
          <LineChanges before={before} after={after} label={title} />
        </details>
      )}
    </section>
  );
}

function Heading(
  { level, children }: { level: 3 | 4; children: ComponentChildren },
): JSX.Element {
  return level === 3 ? <h3 class="small">{children}</h3> : <h4>{children}</h4>;
}

/** As people read it: commands of several lines are lines. */
function yamlOf(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}
