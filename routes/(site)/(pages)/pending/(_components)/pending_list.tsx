import type { JSX } from "preact";
import { Head } from "fresh/runtime";
import type { ProblemDocument } from "../../../../../lib/schema/api.ts";
import { EmptyState } from "../../../../../lib/ui/empty_state.tsx";
import { Notice } from "../../../../../lib/ui/notice.tsx";
import { PageTitle } from "../../../../../lib/ui/page_title.tsx";
import { PendingCard, type PendingItem } from "./pending_card.tsx";
import { visibleText } from "../../../../../lib/ui/visible_text.ts";
import { useWords } from "../../../../../lib/ui/words/words.ts";

/** What the page of waiting versions shows. */
export interface PendingData {
  readonly pending: readonly PendingItem[];
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
  const words = useWords().pending;
  const count = pending.length;
  return (
    <>
      <PageTitle title={words.title}>
        <p class="quiet">{words.count(count)}</p>
      </PageTitle>
      {refused !== undefined && <Refused {...refused} />}
      {count === 0 && <NothingWaits />}
      {pending.map((item) => (
        <PendingCard
          key={item.dag.dag_id}
          item={item}
          mayDecide={mayDecide}
          reason={refused?.dagId === item.dag.dag_id ? refused.reason : undefined}
        />
      ))}
    </>
  );
}

function Refused({ dagId, problem }: { dagId: string; problem: ProblemDocument }): JSX.Element {
  const words = useWords().pending;
  const changed = problem.code === "content_changed";
  return (
    <Notice
      kind="warning"
      title={changed ? words.changed : problem.title}
      code={problem.code}
    >
      <p>{visibleText(problem.detail)}.</p>
      {changed && (
        <p>
          {words.notStarted}{" "}
          <a href={`#${encodeURIComponent(dagId)}`}>
            <code>{visibleText(dagId)}</code>
          </a>
        </p>
      )}
    </Notice>
  );
}

function NothingWaits(): JSX.Element {
  const words = useWords().pending;
  return (
    <EmptyState title={words.nothing}>
      <Head>
        <meta http-equiv="refresh" content="15; url=/pending" />
      </Head>
      <p>
        {words.nothingHint} <code>deno task dag publish examples/hello.yaml</code>.{" "}
        {words.looksAgain}
      </p>
    </EmptyState>
  );
}
