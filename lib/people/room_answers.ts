/** What commands that only ask are answered with. */
import { dagView } from "../api/dag_views.ts";
import { requireSeenRun, requireSeenVersion } from "../api/require_seen.ts";
import { workerView } from "../api/worker_view.ts";
import { maySee } from "../auth/principal.ts";
import { CisError } from "../errors.ts";
import { runBrief } from "../scheduler/run_brief.ts";
import type { SpecRow } from "../scheduler/spec_store.ts";
import { scopeKey } from "../schema/scope.ts";
import { pageOfRun, pageOfVersion } from "./live_notice.ts";
import { block, bold, code, cut, lines, list, type NoticeText, say } from "./notice_text.ts";
import type { Speaker } from "./room_actions.ts";
import { COMMANDS } from "./room_command.ts";
import { runNotice } from "./run_notice.ts";
import { FULL, versionNotice } from "./version_notice.ts";

const MOST_DAGS = 200;
const LOG_LINES = 20;
const LOG_LINE = 200;

export function helpAnswer(): NoticeText {
  return lines(
    list(COMMANDS.map(([usage, what]) => say`${code(usage)} ${what}`)),
    say`What waits for a yes is announced here: react with ✅ or ❌.`,
  );
}

export function listAnswer({ node, principal }: Speaker): NoticeText {
  const rows = node.specs.newestOfEach("", MOST_DAGS)
    .filter((row) => maySee(principal, scopeKey(node.specs.specOf(row).scope)))
    .sort((one, other) => other.published_at - one.published_at);
  if (rows.length === 0) return say`There are no DAGs yet.`;
  return list(rows.map((row) => {
    const state = row.status === "waiting_confirmation"
      ? "waits for a yes"
      : node.runs.newestOf(row.dag_id)?.status ?? row.status;
    return say`${code(row.dag_id)} version ${row.version}: ${state}`;
  }));
}

/** @throws {CisError} `dag_not_found`, `scope_not_allowed` */
export function showAnswer(speaker: Speaker, dagId: string): NoticeText {
  const row = seenDag(speaker, dagId);
  return versionNotice(dagView(speaker.node, row), pageOfVersion(speaker.node, row), FULL);
}

/** Of a DAG or of a run. @throws {CisError} `dag_not_found`, `run_not_found`, `scope_not_allowed` */
export function statusAnswer(speaker: Speaker, id: string): NoticeText {
  const { node } = speaker;
  if (id.startsWith("dag-run-")) return runAnswer(speaker, id);
  const row = seenDag(speaker, id);
  const run = node.runs.newestOf(id);
  const version = say`${bold(row.dag_id)} version ${row.version} is ${
    row.status.replaceAll("_", " ")
  }.`;
  return run === undefined ? version : lines(version, runAnswer(speaker, run.run_id));
}

/** @throws {CisError} `run_not_found`, `scope_not_allowed` */
export function logsAnswer(speaker: Speaker, runId: string): NoticeText {
  requireSeenRun({ ...speaker, param: () => runId });
  const found = speaker.node.logs.tail({ runId }, LOG_LINES);
  if (found.length === 0) return say`The run ${code(runId)} has written nothing yet.`;
  return block(found.map(({ task_id, text }) => `${task_id} │ ${cut(text, LOG_LINE)}`).join("\n"));
}

export function workersAnswer({ node, principal }: Speaker): NoticeText {
  const workers = node.supervisor.list().map(workerView)
    .filter(({ scope }) => maySee(principal, scopeKey(scope)));
  if (workers.length === 0) return say`No worker is there; one is started when a run needs it.`;
  return list(
    workers.map(({ worker_id, status, active_tasks, waiting_for }) =>
      say`${code(worker_id)} ${status}, ${active_tasks} tasks${
        waiting_for === null ? "" : `; ${waiting_for}`
      }`
    ),
  );
}

function runAnswer(speaker: Speaker, runId: string): NoticeText {
  const { node } = speaker;
  const row = requireSeenRun({ ...speaker, param: () => runId });
  return runNotice(runBrief(row, node), pageOfRun(node, runId));
}

function seenDag(speaker: Speaker, dagId: string): SpecRow {
  const row = speaker.node.specs.load(dagId);
  if (row === undefined) {
    throw new CisError("dag_not_found", `there is no DAG "${dagId}"; see !dag list`);
  }
  requireSeenVersion(speaker, row);
  return row;
}
