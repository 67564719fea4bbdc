import type { ComponentChildren, JSX } from "preact";
import type { DecisionView } from "../schema/decision.ts";
import { Fact, Facts } from "./facts.tsx";
import { taskPath } from "./run_paths.ts";
import { StatusBadge } from "./status_badge.tsx";
import { TimeAgo } from "./time_ago.tsx";
import { visibleText } from "./visible_text.ts";
import { useWords } from "./words/words.ts";

/** Longest reason that an answer takes. */
const MAX_REASON = 4000;

/** A decision about a task: what is asked, who has answered what, and the form to answer. */
export function DecisionCard(
  { decision, mayAct, reason, children }: {
    decision: DecisionView;
    mayAct: boolean;
    reason?: string;
    /** What the task would do. */
    children?: ComponentChildren;
  },
): JSX.Element {
  const { decision: words, run: runWords, pending } = useWords();
  const { decision_id, run_id, task_id, status } = decision;
  return (
    <article class="card" id={decision_id} aria-labelledby={`title-${decision_id}`}>
      <header class="card-head">
        <h3 id={`title-${decision_id}`}>{visibleText(words.question(decision.question))}</h3>
        <StatusBadge state={status} />
      </header>
      <Facts>
        <Fact name={runWords.dag}>
          <a href={`/dags/${encodeURIComponent(decision.dag_id)}`}>{decision.dag_id}</a>{" "}
          {runWords.version(decision.version)}
        </Fact>
        <Fact name={words.run}>
          <a href={`/runs/${encodeURIComponent(run_id)}`}>{run_id}</a>
        </Fact>
        <Fact name={runWords.task}>
          <a href={taskPath(run_id, task_id)}>
            <code>{task_id}</code>
          </a>
        </Fact>
        <Fact name={words.level}>{words.kinds[decision.kind]}</Fact>
        <Course decision={decision} />
        <Votes decision={decision} />
      </Facts>
      {children}
      {status === "open" && mayAct && <AnswerForm decision={decision} reason={reason} />}
      {status === "open" && !mayAct && <p class="quiet">{pending.mayOnlyLook}</p>}
    </article>
  );
}

/** Until when, or by whom, when and why. */
function Course({ decision }: { decision: DecisionView }): JSX.Element {
  const { decision: words } = useWords();
  if (decision.status === "open") {
    return (
      <Fact name={words.until}>
        <TimeAgo time={decision.expires_at} />
        {words.then(words.defaults[decision.default_action])}
      </Fact>
    );
  }
  return (
    <>
      <Fact name={words.by}>{decision.decided_by && visibleText(decision.decided_by)}</Fact>
      <Fact name={words.decided}>
        <TimeAgo time={decision.decided_at} />
      </Fact>
      <Fact name={words.reason}>{decision.reason && visibleText(decision.reason)}</Fact>
    </>
  );
}

function Votes({ decision }: { decision: DecisionView }): JSX.Element | null {
  const { decision: words } = useWords();
  const { stakeholders, threshold, votes } = decision;
  if (stakeholders === null) return null;
  return (
    <Fact name={words.votes(threshold ?? 0)}>
      <ul>
        {stakeholders.map((name) => {
          const vote = votes.find(({ stakeholder }) => stakeholder === name);
          const why = vote?.reason ? `: ${visibleText(vote.reason)}` : "";
          return (
            <li key={name}>
              {visibleText(name)}: {vote === undefined ? words.noVote : words.vote[vote.vote]}
              {why}
            </li>
          );
        })}
      </ul>
    </Fact>
  );
}

/** Two buttons and a reason; where stakeholders vote, they are votes. */
function AnswerForm(
  { decision, reason }: { decision: DecisionView; reason: string | undefined },
): JSX.Element {
  const { decision: words } = useWords();
  const { decision_id, task_id, stakeholders } = decision;
  const isVote = stakeholders !== null;
  const field = `reason-${decision_id}`;
  return (
    <form
      method="post"
      action={`/decisions/${encodeURIComponent(decision_id)}/answer`}
      class="reject"
    >
      <label for={field}>{words.why}</label>
      <textarea id={field} name="reason" rows={2} maxLength={MAX_REASON}>{reason ?? ""}</textarea>
      <div class="actions">
        <button type="submit" name="answer" value="approve" class="button-good">
          {isVote ? words.voteFor : words.approve}
          <span class="visually-hidden">{task_id}</span>
        </button>
        <button type="submit" name="answer" value="reject" class="button-bad">
          {isVote ? words.voteAgainst : words.reject}
          <span class="visually-hidden">{task_id}</span>
        </button>
      </div>
    </form>
  );
}
