/** Looks at a document that is being written: nothing is stored. */
import { ProblemError, type Result } from "../../../../../lib/api/client.ts";
import type { State } from "../../../../../lib/api/state.ts";
import type { ProblemDocument, PublishAnswer } from "../../../../../lib/schema/api.ts";
import { draftTasks } from "../../../../../lib/schema/draft_tasks.ts";
import { lineFinder } from "../../../../../lib/schema/problem_lines.ts";
import { draftGraphOf } from "../../../../../lib/ui/draft_graph_of.ts";
import { type DraftView, EMPTY_DRAFT } from "../../../../../lib/ui/draft_view.ts";
import type { LinedProblem } from "../../../../../lib/ui/problem_list.tsx";

/**
 * What is said of a text.
 * @throws {ProblemError} when its writer may not publish, or the node can't answer
 */
export async function checkDraft({ api, node }: State, text: string): Promise<DraftView> {
  if (text.trim() === "") return EMPTY_DRAFT;
  return draftView(text, await api.validate({ text }), { most: node.config.max_tasks });
}

/**
 * The answer to a publish or validate, with the graph of the text as far as it can be made out.
 * @throws {ProblemError} for a problem that is none of the text
 */
export function draftView(
  text: string,
  result: Result<PublishAnswer>,
  { most }: { most: number },
): DraftView {
  const lineOf = lineFinder(text);
  const graph = draftGraphOf(draftTasks(text, { most }), (path) => lineOf({ path, message: "" }));
  if (result.ok) {
    const { dag_id, version } = result.data;
    return { kind: "good", dag_id, version, graph };
  }
  const { problem } = result;
  if (problem.status >= 500 || problem.status === 403) throw new ProblemError(problem);
  return { kind: "problems", code: problem.code, problems: lined(problem, lineOf), graph };
}

/** The problems of a refusal, each with its line. */
function lined(
  { errors, detail }: ProblemDocument,
  lineOf: ReturnType<typeof lineFinder>,
): LinedProblem[] {
  const problems = errors ?? [{ path: "", message: detail }];
  return problems.map(({ path, message }) => ({ path, message, line: lineOf({ path, message }) }));
}
