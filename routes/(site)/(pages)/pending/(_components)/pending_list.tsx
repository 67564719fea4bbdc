import type { JSX } from "preact";
import { Head } from "fresh/runtime";
import type { PendingView, ProblemDocument } from "../../../../../lib/schema/api.ts";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { PendingCard } from "./pending_card.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";

/** What the page of waiting versions shows. */
export interface PendingData {
  readonly pending: readonly PendingView[];
  readonly mayDecide: boolean;
  /** The decision that did not come about, if the page answers one. */
  readonly refused?: {
    readonly dagId: string;
    readonly problem: ProblemDocument;
    readonly reason?: string;
  };
}

/**
 * The page of waiting versions. It reloads itself only while there are none: one that changed under
 * the eyes of who reads it could have its content swapped in the moment of the click.
 */
export function PendingList({ pending, mayDecide, refused }: PendingData): JSX.Element {
  const count = pending.length;
  return (
    <>
      <PageTitle title="Waiting for confirmation">
        <p class="quiet">{count === 0 ? "nothing" : count === 1 ? "one DAG" : `${count} DAGs`}</p>
      </PageTitle>
      {refused !== undefined && <Refused {...refused} />}
      {count === 0 && <NothingWaits />}
      {pending.map((dag) => (
        <PendingCard
          key={dag.dag_id}
          dag={dag}
          mayDecide={mayDecide}
          reason={refused?.dagId === dag.dag_id ? refused.reason : undefined}
        />
      ))}
    </>
  );
}

function Refused({ dagId, problem }: { dagId: string; problem: ProblemDocument }): JSX.Element {
  const changed = problem.code === "content_changed";
  return (
    <Notice
      kind="warning"
      title={changed ? "The content changed before you decided" : problem.title}
      code={problem.code}
    >
      <p>{visibleText(problem.detail)}.</p>
      {changed && (
        <p>
          Nothing was started. What waits now is below; read{" "}
          <a href={`#${encodeURIComponent(dagId)}`}>
            <code>{visibleText(dagId)}</code>
          </a>{" "}
          again before you decide.
        </p>
      )}
    </Notice>
  );
}

function NothingWaits(): JSX.Element {
  return (
    <EmptyState title="Nothing waits for you.">
      <Head>
        <meta http-equiv="refresh" content="15; url=/pending" />
      </Head>
      <p>
        A DAG appears here when it is published, for instance with{" "}
        <code>deno task dag publish examples/hello.yaml</code>. This page looks again every 15
        seconds.
      </p>
    </EmptyState>
  );
}
