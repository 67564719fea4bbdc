/** The text of a live notice, from how its subject stands now. */
import { dagView } from "../api/dag_views.ts";
import type { Node } from "../node.ts";
import { decisionView } from "../scheduler/decision_views.ts";
import { runBrief } from "../scheduler/run_brief.ts";
import type { SpecRow } from "../scheduler/spec_store.ts";
import { decisionNotice } from "./decision_notice.ts";
import { type NoticeRow, type NoticeStore, versionOf, versionSubject } from "./notice_store.ts";
import type { NoticeText } from "./notice_text.ts";
import { runNotice } from "./run_notice.ts";
import { versionNotice } from "./version_notice.ts";

/** @returns undefined where the subject is gone */
export function liveNotice(
  node: Node,
  { kind, subject }: Pick<NoticeRow, "kind" | "subject">,
): NoticeText | undefined {
  if (kind === "version") {
    const { dagId, version } = versionOf({ subject });
    const row = node.specs.load(dagId, version);
    return row && versionNotice(dagView(node, row), pageOfVersion(node, row));
  }
  if (kind === "run") {
    const row = node.runs.load(subject);
    return row && runNotice(runBrief(row, node), pageOfRun(node, subject));
  }
  const row = node.decisions.load(subject);
  return row && decisionNotice(decisionView(row, node.decisions));
}

/** Whether somebody may still answer to a notice with a sign. */
export function isOpen(
  node: Node,
  { kind, subject }: Pick<NoticeRow, "kind" | "subject">,
): boolean {
  if (kind === "decision") return node.decisions.load(subject)?.status === "open";
  if (kind !== "version") return false;
  const { dagId, version } = versionOf({ subject });
  return node.specs.load(dagId, version)?.status === "waiting_confirmation";
}

/** The thread that a notice belongs into: that of a run is below the announcement of its version. */
export function threadOf(
  row: NoticeRow,
  { node, notices }: { readonly node: Node; readonly notices: NoticeStore },
): string | null {
  if (row.kind !== "run") return row.thread;
  const run = node.runs.load(row.subject);
  if (run === undefined) return null;
  return notices.bySubject("version", versionSubject(run.dag_id, run.version))?.event_id ?? null;
}

/** Where a person looks at a version, if the settings say where they reach the node. */
export function pageOfVersion(
  { config }: Node,
  { dag_id, status }: Pick<SpecRow, "dag_id" | "status">,
): string | undefined {
  const path = status === "waiting_confirmation" ? `/pending#${dag_id}` : `/dags/${dag_id}`;
  return pageAt(config, path);
}

/** Where a person looks at a run, if the settings say where they reach the node. */
export function pageOfRun({ config }: Node, runId: string): string | undefined {
  return pageAt(config, `/runs/${runId}`);
}

/** An address of the machine itself leads a phone to the phone. */
function pageAt({ public_url }: Node["config"], path: string): string | undefined {
  return public_url === undefined ? undefined : `${public_url.replace(/\/$/, "")}${path}`;
}
