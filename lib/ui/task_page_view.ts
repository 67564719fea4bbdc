/** What the page of a task of a run shows. Pure. */
import type { DecisionView } from "../schema/decision.ts";
import type { DebtView } from "../schema/debt.ts";
import type { RunView, TaskView } from "../schema/api.ts";
import { visibleJson } from "./visible_text.ts";

/** A task before or after the one that is shown. */
export type Neighbour = Pick<TaskView, "task_id" | "status">;

/** JSON as text, perhaps its beginning. */
export interface JsonText {
  readonly text: string;
  readonly isCut: boolean;
}

/** The page of a task. */
export interface TaskPageView {
  readonly run: Pick<RunView, "run_id" | "dag_id" | "version" | "status">;
  readonly task: Omit<TaskView, "outputs" | "depends_on">;
  readonly outputs: JsonText | null;
  /** What the tasks that it depends on gave to it. */
  readonly inputs: readonly { readonly task_id: string; readonly outputs: JsonText }[];
  readonly before: readonly Neighbour[];
  readonly after: readonly Neighbour[];
  readonly decisions: readonly DecisionView[];
  readonly debts: readonly DebtView[];
}

/** Longest JSON on a page in characters; the API has all of it. */
const MOST_JSON = 20_000;

/** Makes the view of a task; undefined when the run has no such task. */
export function taskPageView(run: RunView, taskId: string): TaskPageView | undefined {
  const found = run.tasks.find(({ task_id }) => task_id === taskId);
  if (found === undefined) return undefined;
  const { outputs, depends_on, ...task } = found;
  const wanted = new Set(depends_on);
  const before = run.tasks.filter(({ task_id }) => wanted.has(task_id));
  const { run_id, dag_id, version, status } = run;
  return {
    run: { run_id, dag_id, version, status },
    task,
    outputs: jsonText(outputs),
    inputs: before.flatMap(({ task_id, outputs }) => {
      const text = jsonText(outputs);
      return text === null ? [] : [{ task_id, outputs: text }];
    }),
    before: before.map(neighbour),
    after: run.tasks.filter((other) => other.depends_on.includes(taskId)).map(neighbour),
    decisions: run.decisions.filter(({ task_id }) => task_id === taskId),
    debts: run.debts.filter(({ task_id }) => task_id === taskId),
  };
}

function neighbour({ task_id, status }: TaskView): Neighbour {
  return { task_id, status };
}

function jsonText(value: TaskView["outputs"]): JsonText | null {
  if (value === null) return null;
  const text = visibleJson(value);
  const isCut = text.length > MOST_JSON;
  return { text: isCut ? text.slice(0, MOST_JSON).toWellFormed() : text, isCut };
}
