import { page } from "fresh";
import { requireRole } from "../../../lib/auth/principal.ts";
import { ProblemError } from "../../../lib/api/client.ts";
import { readForm } from "../../../lib/api/read_form.ts";
import { define } from "../../../lib/api/state.ts";
import type { ProblemDocument, PublishAnswer } from "../../../lib/schema/api.ts";
import type { DagSpec } from "../../../lib/schema/dag_spec.ts";
import { parseSpecText } from "../../../lib/schema/parse_spec.ts";
import { lineFinder } from "../../../lib/schema/problem_lines.ts";
import { layoutGraph } from "../../../lib/ui/graph_layout.ts";
import { GraphSection } from "./(_components)/graph_section.tsx";
import { Notice } from "../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../lib/ui/page_title.tsx";
import { PermissionList } from "../../../lib/ui/permission_list.tsx";
import { type LinedProblem, ProblemList } from "../../../lib/ui/problem_list.tsx";
import { RiskSummary } from "../../../lib/ui/risk_summary.tsx";
import { TaskCard } from "../../../lib/ui/task_card.tsx";
import { visibleText } from "../../../lib/ui/visible_text.ts";
import { WarningList } from "../../../lib/ui/warning_list.tsx";
import { useWords } from "../../../lib/ui/words/words.ts";

/** What the page shows below its form. */
type Outcome =
  | { readonly kind: "none" }
  | {
    readonly kind: "problems";
    readonly problem: ProblemDocument;
    readonly lined: readonly LinedProblem[];
  }
  | { readonly kind: "good"; readonly answer: PublishAnswer; readonly spec: DagSpec };

interface Data {
  readonly text: string;
  readonly outcome: Outcome;
}

export const handler = define.handlers({
  GET: (ctx) => {
    if (ctx.state.principal !== undefined) requireRole(ctx.state.principal, "publisher");
    return page<Data>({ text: "", outcome: { kind: "none" } });
  },
  POST: async (ctx) => {
    const { api, node } = ctx.state;
    // A form writes a byte in up to three characters.
    const form = await readForm(ctx.req, 3 * node.config.max_body_bytes + 4096);
    const text = (form.get("document") ?? "").replaceAll("\r\n", "\n");
    const isPublish = form.get("do") === "publish";
    const result = isPublish ? await api.publish({ text }) : await api.validate({ text });
    if (!result.ok) {
      const { problem } = result;
      if (problem.status >= 500 || problem.status === 403) throw new ProblemError(problem);
      const outcome = { kind: "problems", problem, lined: lined(text, problem) } as const;
      return page<Data>({ text, outcome }, { status: problem.status });
    }
    const { dag_id } = result.data;
    if (isPublish) return ctx.redirect(`/pending#${encodeURIComponent(dag_id)}`, 303);
    const parsed = parseSpecText(text, { maxTasks: node.config.max_tasks });
    if (!parsed.ok) return page<Data>({ text, outcome: { kind: "none" } });
    return page<Data>({ text, outcome: { kind: "good", answer: result.data, spec: parsed.spec } });
  },
});

/** The problems of a refusal, each with its line. */
function lined(text: string, { errors, detail }: ProblemDocument): LinedProblem[] {
  const lineOf = lineFinder(text);
  const problems = errors ?? [{ path: "", message: detail }];
  return problems.map(({ path, message }) => ({ path, message, line: lineOf({ path, message }) }));
}

export default define.page<typeof handler>(({ data: { text, outcome } }) => {
  const { publish } = useWords();
  return (
    <>
      <PageTitle title={publish.title} />
      {outcome.kind === "problems" && (
        <Notice kind="bad" title={title(outcome, publish)} code={outcome.problem.code}>
          <ProblemList problems={outcome.lined} source={text} />
        </Notice>
      )}
      <form method="post" action="/publish" class="stacked wide">
        <label for="document">{publish.label}</label>
        <textarea
          id="document"
          name="document"
          class="mono"
          rows={18}
          required
          spellcheck={false}
          autocomplete="off"
          aria-invalid={outcome.kind === "problems" ? "true" : undefined}
          aria-describedby="document-hint"
        >
          {text}
        </textarea>
        <p id="document-hint" class="remark">{publish.hint} {publish.publishHint}</p>
        <p class="actions">
          <button type="submit" name="do" value="check">{publish.check}</button>
          <button type="submit" name="do" value="publish" class="button-good">
            {publish.publish}
          </button>
        </p>
      </form>
      {outcome.kind === "good" && <Preview answer={outcome.answer} spec={outcome.spec} />}
    </>
  );
});

function title(
  { problem, lined }: Extract<Outcome, { kind: "problems" }>,
  words: ReturnType<typeof useWords>["publish"],
): string {
  return problem.code === "invalid_spec" ? words.problems(lined.length) : words.refused;
}

/** What a person will be asked to confirm. */
function Preview({ answer, spec }: { answer: PublishAnswer; spec: DagSpec }): preact.JSX.Element {
  const { publish, pending } = useWords();
  return (
    <section aria-labelledby="preview">
      <Notice kind="good" title={publish.good(visibleText(answer.dag_id), answer.version)} />
      <h2 id="preview">
        <code>{answer.dag_id}</code>
      </h2>
      <WarningList warnings={answer.warnings} />
      <RiskSummary spec={spec} />
      <GraphSection spec={spec} picture={layoutGraph(spec.tasks)} />
      <h3>{pending.touches}</h3>
      <PermissionList permissions={answer.permissions} />
      <h3>{pending.itsTasks(spec.tasks.length)}</h3>
      <ol class="tasks">
        {spec.tasks.map((task) => <TaskCard key={task.id} task={task} dagId={spec.dag_id} />)}
      </ol>
    </section>
  );
}
