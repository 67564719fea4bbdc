/** Answers of a node, checked against the schema so that these tests can't invent their own API. */
import {
  ConfirmAnswer,
  DagList,
  DagStatus,
  DagView,
  EventView,
  LogLineView,
  PublishAnswer,
  RunSummary,
  RunView,
  TaskView,
  TokenView,
  VersionView,
  WorkerDetailView,
  WorkerView,
} from "../../lib/schema/api.ts";
import { DebtView } from "../../lib/schema/debt.ts";
import { DecisionView } from "../../lib/schema/decision.ts";

export const HASH = "3f2a".padEnd(64, "0");
export const RUN_ID = "dag-run-0195e0a0-0000-7000-8000-000000000001";

const permissions = {
  summary: ["may read and write: the workspace of project abc", "runs: make"],
  net: [],
  read: ["."],
  write: ["."],
  env: [],
  run: ["make"],
  isolation: "bubblewrap",
  secrets: [],
  limits: {
    memory: "1GiB",
    cpu: null,
    pids: 512,
    disk: "10GiB",
    task_timeout: "6h",
    max_output: "10MiB",
    max_concurrent_tasks: 8,
  },
  taken_away: { net: ["127.0.0.1:6767"], paths: ["/srv/.cis"] },
  tasks: [],
};

const scope = { type: "project", project_id: "abc", reuse_worker: true } as const;

export const publishAnswer = PublishAnswer.parse({
  dag_id: "proj-abc-deploy",
  version: 3,
  spec_hash: HASH,
  status: "waiting_confirmation",
  confirm_url: "http://127.0.0.1:6767/api/v1/dag/proj-abc-deploy/confirm",
  dashboard_url: "http://127.0.0.1:6767/dags/proj-abc-deploy",
  expire_sec: 300,
  expires_at: "2026-03-01T12:05:00.000Z",
  scope,
  scope_source: "dag_id_prefix",
  worker_id: "worker-project-abc",
  room_id: "!worker-project-abc:node1",
  tasks_count: 2,
  permissions,
  warnings: [{ path: "tasks[1].resources", code: "not_yet", message: "has no effect yet" }],
});

export const confirmAnswer = ConfirmAnswer.parse({
  success: true,
  dag_id: "proj-abc-deploy",
  run_id: RUN_ID,
  version: 3,
  spec_hash: HASH,
  tasks_count: 2,
  message: `Confirmed: ${RUN_ID} runs 2 tasks`,
});

/** A version; `more` replaces fields. */
export function versionView(more: Partial<VersionView> = {}): VersionView {
  return VersionView.parse({
    dag_id: "proj-abc-deploy",
    version: 3,
    spec_hash: HASH,
    status: "waiting_confirmation",
    scope,
    scope_source: "dag_id_prefix",
    worker_id: "worker-project-abc",
    priority: "medium",
    target_node: null,
    description: null,
    tasks_count: 2,
    published_by: "ci",
    published_at: "2026-03-01T11:59:00.000Z",
    expires_at: "2026-03-01T12:05:00.000Z",
    decided_by: null,
    decided_at: null,
    reason: null,
    run_id: null,
    ...more,
  });
}

/** A version with its spec. */
export function dagView(more: Partial<DagView> = {}): DagView {
  return DagView.parse({
    ...versionView(),
    permissions,
    warnings: publishAnswer.warnings,
    spec: {
      dag_id: "proj-abc-deploy",
      scope,
      tasks: [
        { id: "build", type: "shell", command: "make clean\nmake build" },
        {
          id: "ship",
          type: "shell",
          command: "make ship",
          depends_on: ["build"],
          env: { TARGET: "live" },
          rollback: ["make unship"],
        },
      ],
    },
    ...more,
  });
}

/** A DAG in the list. */
export function dagList(more: Partial<DagList> = {}): DagList {
  const last_run = {
    run_id: RUN_ID,
    status: "failed",
    created_at: "2026-03-01T11:00:00.000Z",
  };
  const dags = [{ ...versionView(), last_run }];
  return DagList.parse({ count: 1, next_cursor: null, dags, ...more });
}

/** A run without its tasks. */
export function runSummary(more: Partial<RunSummary> = {}): RunSummary {
  return RunSummary.parse({
    run_id: RUN_ID,
    dag_id: "proj-abc-deploy",
    version: 3,
    spec_hash: HASH,
    status: "running",
    scope,
    worker_id: "worker-project-abc",
    node_id: "node1",
    priority: "medium",
    triggered_by: "confirm",
    confirmed_by: "owner",
    retry_of: null,
    created_at: "2026-03-01T11:59:50.000Z",
    started_at: "2026-03-01T11:59:50.000Z",
    finished_at: null,
    error: null,
    completed_tasks: 1,
    total_tasks: 2,
    ...more,
  });
}

/** A task of a run. */
export function taskView(more: Partial<TaskView> = {}): TaskView {
  return TaskView.parse({
    task_id: "build",
    name: null,
    type: "shell",
    status: "completed",
    depends_on: [],
    outputs: { image: "app:3" },
    error: null,
    started_at: "2026-03-01T11:59:50.000Z",
    finished_at: "2026-03-01T11:59:52.500Z",
    retry_at: null,
    rollback: null,
    attempts: [{
      attempt: 1,
      kind: "task",
      status: "completed",
      worker_id: "worker-project-abc",
      started_at: "2026-03-01T11:59:50.000Z",
      finished_at: "2026-03-01T11:59:52.500Z",
      exit_code: 0,
      error: null,
      error_code: null,
    }],
    ...more,
  });
}

/** A run that goes on. */
export function runView(more: Partial<RunView> = {}): RunView {
  const waiting = {
    status: "pending",
    outputs: null,
    started_at: null,
    finished_at: null,
  } as const;
  return RunView.parse({
    ...runSummary(),
    waiting_for: null,
    tasks: [taskView(), taskView({ ...waiting, task_id: "ship", attempts: [] })],
    decisions: [],
    debts: [],
    ...more,
  });
}

/** A run that completed. */
export const completedRun = runView({
  status: "completed",
  completed_tasks: 2,
  finished_at: "2026-03-01T11:59:58.000Z",
});

/** A run whose second task failed. */
export const failedRun = runView({
  status: "failed",
  finished_at: "2026-03-01T11:59:58.000Z",
  error: 'the task "ship" failed: exit code 2',
  tasks: [
    taskView(),
    taskView({ task_id: "ship", status: "failed", outputs: null, error: "exit code 2" }),
  ],
});

/** A decision that is open. */
export function decisionView(more: Partial<DecisionView> = {}): DecisionView {
  return DecisionView.parse({
    decision_id: "decision-1",
    run_id: RUN_ID,
    task_id: "ship",
    dag_id: "proj-abc-deploy",
    version: 3,
    kind: "confirmed",
    question: "Run the shell task ship?",
    options: ["approve", "reject"],
    default_action: "fail",
    stakeholders: null,
    threshold: null,
    created_at: "2026-03-01T11:59:00.000Z",
    expires_at: "2026-03-01T12:05:00.000Z",
    status: "open",
    decided_by: null,
    decided_at: null,
    reason: null,
    votes: [],
    ...more,
  });
}

/** A debt that is open. */
export function debtView(more: Partial<DebtView> = {}): DebtView {
  return DebtView.parse({
    debt_id: "debt-1",
    run_id: RUN_ID,
    task_id: "ship",
    dag_id: "proj-abc-deploy",
    error: "exit code 2",
    created_at: "2026-03-01T11:59:00.000Z",
    status: "open",
    resolved_by: null,
    resolved_at: null,
    reason: null,
    resumed_by_run: null,
    ...more,
  });
}

/** How a DAG stands. */
export function dagStatus(more: Partial<DagStatus> = {}): DagStatus {
  return DagStatus.parse({
    dag_id: "proj-abc-deploy",
    version: 3,
    spec_hash: HASH,
    status: "running",
    version_status: "confirmed",
    reason: null,
    expires_at: null,
    last_run: runSummary(),
    completed_tasks: 1,
    total_tasks: 2,
    raw_data: {},
    ...more,
  });
}

/** One line of output. */
export function logLine(seq: number, more: Partial<LogLineView> = {}): LogLineView {
  return LogLineView.parse({
    seq,
    time: "2026-03-01T11:59:51.000Z",
    task_id: "build",
    attempt: 1,
    stream: "stdout",
    text: `line ${seq}`,
    ...more,
  });
}

/** One event of a run. */
export function runEvent(seq: number, type: string, more: Partial<EventView> = {}): EventView {
  return EventView.parse({
    seq,
    time: "2026-03-01T11:59:51.000Z",
    type,
    dag_id: "proj-abc-deploy",
    run_id: RUN_ID,
    task_id: type.startsWith("task.") ? "build" : null,
    worker_id: null,
    data: {},
    ...more,
  });
}

/** A worker. */
export function workerView(more: Partial<WorkerView> = {}): WorkerView {
  return WorkerView.parse({
    worker_id: "worker-project-abc",
    scope,
    room_id: "!worker-project-abc:node1",
    node_id: "node1",
    pid: 4711,
    status: "running",
    started_at: "2026-03-01T11:00:00.000Z",
    last_heartbeat: "2026-03-01T11:59:57.000Z",
    restarts: 0,
    active_tasks: 1,
    rss: 64 * 1024 * 1024,
    cpu_ms: 1_500,
    crashes_in_row: 0,
    restart_at: null,
    waiting_for: null,
    managed_by: "node",
    error: null,
    permission_flags: ["--allow-read=/work", "--allow-net=127.0.0.1:6767"],
    ...more,
  });
}

/** A worker with what became of it. */
export function workerDetail(more: Partial<WorkerDetailView> = {}): WorkerDetailView {
  return WorkerDetailView.parse({
    ...workerView(),
    history: [
      {
        time: "2026-03-01T11:00:00.000Z",
        status: "running",
        reason: "it is ready",
        pid: 4711,
        restarts: 1,
        last_lines: [],
      },
      {
        time: "2026-03-01T10:59:59.000Z",
        status: "crashed",
        reason: "the process was ended by SIGKILL",
        pid: 4700,
        restarts: 0,
        last_lines: ["the last that it said"],
      },
    ],
    samples: [{
      time: "2026-03-01T11:59:57.000Z",
      rss: 32 * 1024 * 1024,
      cpu_ms: 1_500,
      active_tasks: 1,
    }],
    ...more,
  });
}

/** A token. */
export function tokenView(more: Partial<TokenView> = {}): TokenView {
  return TokenView.parse({
    token_id: "tok-1",
    name: "ci",
    did: "did:cis:node1",
    roles: ["publisher"],
    scopes: ["project:abc"],
    created_at: "2026-03-01T10:00:00.000Z",
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
    ...more,
  });
}
