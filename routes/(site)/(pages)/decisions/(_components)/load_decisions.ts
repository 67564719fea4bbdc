/** The data of the page of decisions. */
import { dataOf } from "../../../../../lib/api/client.ts";
import type { State } from "../../../../../lib/api/state.ts";
import type { TaskSpec } from "../../../../../lib/schema/dag_spec.ts";
import type { DecisionView } from "../../../../../lib/schema/decision.ts";
import { hasRole } from "../../../../../lib/schema/roles.ts";
import type { DecisionsData } from "./decision_list.tsx";

/** How many decided ones are shown below the open ones. */
const RECENT = 20;

/** What tasks would do is shown for so many at once; nobody answers more in one go. */
const MOST_TASKS = 50;

/**
 * Loads what is asked, and what was, as the visitor may see it.
 * @throws {ProblemError} when the API refuses
 */
export async function loadDecisions(
  state: State,
  refused?: DecisionsData["refused"],
): Promise<DecisionsData> {
  const open = dataOf(await state.api.decisions({ status: "open", limit: 500 })).decisions;
  const newest = dataOf(await state.api.decisions({ limit: RECENT })).decisions;
  return {
    tasks: await tasksOf(state, open.slice(0, MOST_TASKS)),
    // The one that ends first is the one to look at first.
    open: open.toSorted((a, b) => a.expires_at < b.expires_at ? -1 : 1),
    recent: newest.filter(({ status }) => status !== "open"),
    mayAct: hasRole(state.principal?.roles ?? [], "approver"),
    ...(refused === undefined ? {} : { refused }),
  };
}

/** The tasks that decisions are about, by decision. */
async function tasksOf(
  { api }: State,
  decisions: readonly DecisionView[],
): Promise<ReadonlyMap<string, TaskSpec>> {
  const versions = Map.groupBy(decisions, ({ dag_id, version }) => `${version} ${dag_id}`);
  const found = new Map<string, TaskSpec>();
  await Promise.all([...versions.values()].map(async (alike) => {
    const [{ dag_id, version } = { dag_id: "", version: 0 }] = alike;
    const answer = await api.getDag(dag_id, { version });
    // A run that another node handed over has a document that isn't among the versions here.
    if (!answer.ok) return;
    const byId = new Map(answer.data.spec.tasks.map((task) => [task.id, task]));
    for (const { decision_id, task_id } of alike) {
      const task = byId.get(task_id);
      if (task !== undefined) found.set(decision_id, task);
    }
  }));
  return found;
}
