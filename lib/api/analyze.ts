/** What holds a DAG up and why, for somebody who asks "what now?" (contract §4, `analyze`). */
import type { Node } from "../node.ts";
import { dagStatus, runView } from "../scheduler/run_views.ts";
import { withWaiting } from "../scheduler/waiting_views.ts";
import type { SpecRow } from "../scheduler/spec_store.ts";
import type { Analysis, Blocker } from "../schema/analysis.ts";
import type { RunView, TaskView } from "../schema/api.ts";

const LAST_LINES = 20;
/** How long a running task may be silent before that is worth a remark. */
const SILENCE_MS = 60_000;

/** Looks at a DAG's newest version and its last run. */
export function analyze(node: Node, version: SpecRow): Analysis {
  const status = dagStatus(version, node);
  const row = node.runs.newestOf(version.dag_id);
  const run = row?.version === version.version ? withWaiting(runView(row, node), node) : undefined;
  const findings = run === undefined ? versionFindings(version) : runFindings(node, run);
  return {
    dag_id: version.dag_id,
    version: version.version,
    status: status.status,
    run_id: run?.run_id ?? null,
    ...findings,
    last_log: run === undefined ? [] : node.logs.tail({ runId: run.run_id }, LAST_LINES),
  };
}

type Findings = Pick<Analysis, "blockers" | "advice">;

function versionFindings({ dag_id, version, status, reason }: SpecRow): Findings {
  const finding = (code: string, message: string, advice: string): Findings => ({
    blockers: [{ task_id: null, code, message }],
    advice: [advice],
  });
  switch (status) {
    case "waiting_confirmation":
      return finding(
        "waiting_confirmation",
        `version ${version} waits for a person`,
        `look at it and confirm or reject "${dag_id}"`,
      );
    case "rejected":
      return finding(
        "rejected",
        `version ${version} was rejected: ${reason}`,
        "publish a version that meets the reason",
      );
    case "expired":
      return finding("expired", `nobody decided on version ${version} in time`, "publish it again");
    default:
      return { blockers: [], advice: [] };
  }
}

function runFindings(node: Node, run: RunView): Findings {
  const blockers = run.tasks.flatMap((task) => taskBlockers(node, run, task));
  const worker = workerBlocker(node, run);
  if (worker !== undefined) blockers.unshift(worker);
  if (run.waiting !== null) blockers.unshift({ task_id: null, ...run.waiting });
  return { blockers, advice: adviceFor(run, blockers) };
}

function taskBlockers(node: Node, run: RunView, task: TaskView): Blocker[] {
  const blocker = (
    code: string,
    message: string,
  ): Blocker[] => [{ task_id: task.task_id, code, message }];
  switch (task.status) {
    case "failed":
      return blocker("failed", task.error ?? "it failed");
    case "retry_wait":
      return blocker(
        "retry_wait",
        `it failed (${task.error}) and is tried again at ${task.retry_at}`,
      );
    case "awaiting_decision":
      return blocker("awaiting_decision", waitsFor(run, task));
    case "debt":
      return blocker("debt", `it failed (${task.error}), which was allowed to pass`);
    case "running":
      return silence(node, run, task, blocker);
    case "ready":
      // What keeps the whole run is told once, not for each of its tasks.
      if (task.waiting === null || task.waiting.message === run.waiting?.message) return [];
      return blocker(task.waiting.code, task.waiting.message);
    default:
      return [];
  }
}

function waitsFor(run: RunView, { task_id }: TaskView): string {
  const asked = run.decisions.find((one) => one.task_id === task_id && one.status === "open");
  if (asked === undefined) return "it waits for a decision";
  return `it waits for ${asked.decision_id} until ${asked.expires_at}: ${asked.question}`;
}

function silence(
  node: Node,
  run: RunView,
  task: TaskView,
  blocker: (code: string, message: string) => Blocker[],
): Blocker[] {
  const [last] = node.logs.tail({ runId: run.run_id, taskId: task.task_id }, 1);
  const since = Date.parse(last?.time ?? task.attempts.at(-1)?.started_at ?? run.created_at);
  const quiet = node.db.now() - since;
  if (quiet < SILENCE_MS) return [];
  return blocker("silent", `it runs, and has printed nothing for ${Math.round(quiet / 1000)} s`);
}

function workerBlocker(node: Node, run: RunView): Blocker | undefined {
  if (run.status !== "running") return undefined;
  const worker = node.supervisor.list().find((one) => one.workerId === run.worker_id);
  // What is known of why it isn't there is what the run itself waits for.
  if (worker?.status === "running" || run.waiting !== null) return undefined;
  const state = worker === undefined ? "not there" : worker.status;
  const reason = worker?.error ? `: ${worker.error}` : "";
  return {
    task_id: null,
    code: "worker_down",
    message: `its worker ${run.worker_id} is ${state}${reason}`,
  };
}

function adviceFor(run: RunView, blockers: readonly Blocker[]): string[] {
  const codes = new Set(blockers.map(({ code }) => code));
  const advice: string[] = [];
  if (codes.has("worker_down")) {
    advice.push(`look at the worker's log: worker logs ${run.worker_id}`);
  }
  if (codes.has("waits_for_worker")) {
    advice.push(
      "wait; or see what the workers do: worker status, and stop one or raise max_workers",
    );
  }
  if (codes.has("awaiting_decision")) {
    advice.push(`decide: decision list --run ${run.run_id}`);
  }
  if (run.debts.some(({ status }) => status === "open")) {
    advice.push(`settle its debts: debt list --run ${run.run_id}`);
  }
  if (codes.has("silent")) advice.push(`wait, or cancel it: run cancel ${run.run_id}`);
  if (run.status === "failed") {
    advice.push(
      `read the log of the failed task: run logs ${run.run_id}`,
      `when the cause is gone: run retry ${run.run_id}; when the DAG is wrong: publish a new version`,
    );
  }
  return advice;
}
