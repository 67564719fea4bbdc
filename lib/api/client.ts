/**
 * The typed client of the GLM API, one method per endpoint. The CLI, the islands and tests use
 * it; it carries no schema at run time and nothing of Deno, so it may go into a page.
 * @module
 */
import type {
  BindBody,
  ConfirmAnswer,
  DagList,
  DagStatus,
  DagView,
  EventView,
  Health,
  LogLineView,
  LogPage,
  PendingList,
  PolicyView,
  PublishAnswer,
  RejectAnswer,
  RunActionAnswer,
  RunList,
  RunView,
  SignInLink,
  TaskActionAnswer,
  TaskView,
  TokenAnswer,
  TokenBody,
  TokenList,
  TokenView,
  VersionList,
  WhoAmI,
  WorkerActionAnswer,
  WorkerDetailView,
  WorkerList,
  WorkerStartAnswer,
  WorkerStartBody,
} from "../schema/api.ts";
import type { Activity } from "../schema/activity.ts";
import type { AuditList } from "../schema/audit.ts";
import type { IssueAnswer, IssuedTaskList, IssuedTaskView } from "../schema/issued_task.ts";
import type { DoctorAnswer, LimitList } from "../schema/machine_view.ts";
import type { NodeList } from "../schema/node_view.ts";
import type { LogSearchPage } from "../schema/log_search_page.ts";
import type { DebtAnswer, DebtList } from "../schema/debt.ts";
import type { DecisionAnswer, DecisionList, DecisionView } from "../schema/decision.ts";
import {
  type CallOptions,
  type ClientOptions,
  type Json,
  path,
  ProblemError,
  Requester,
  type Result,
  UNEXPECTED_ANSWER,
} from "./client_request.ts";
import { type LogQuery, logQueryIn, type LogSearchQuery } from "../schema/log_query.ts";
import { SecretClient } from "./secret_client.ts";
import { type FollowOptions, followSse } from "./sse_follower.ts";
import type { BackupAnswer } from "../schema/backup.ts";
import type { ScheduleAnswer } from "../schema/schedule_view.ts";
import type { z } from "zod";

export type { CallOptions, ClientOptions, Json, Result } from "./client_request.ts";
export { dataOf, ProblemError } from "./client_request.ts";
export type { FollowOptions } from "./sse_follower.ts";

/** A DagSpec to publish: as a value, or as the text of a file. */
export type DagSource =
  | { readonly doc: unknown }
  /** Without a content type the node finds out which dialect the text is in. */
  | { readonly text: string; readonly contentType?: string };

/** One page of a list: how many entries, and the `next_cursor` of the page before. */
export interface PageOptions extends CallOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which runs to list. */
export interface RunFilter extends PageOptions {
  readonly status?: string;
  readonly dagId?: string;
  /** Scope key such as `project:abc`. */
  readonly scope?: string;
  /** ISO 8601 time, or a duration before now. */
  readonly since?: string;
  readonly q?: string;
}

/** Which entries of the audit log to list. */
export interface AuditFilter extends PageOptions {
  /** Such as `dag.confirm`. */
  readonly action?: string;
  /** Id of what it was done to. */
  readonly target?: string;
  /** Who did it. */
  readonly tokenId?: string;
}

/** Which decisions or debts to list. */
export interface OpenFilter extends PageOptions {
  readonly status?: string;
  /** Id of a run. */
  readonly run?: string;
}

/** Makes the client of one node. */
export function createClient(options: ClientOptions): Client {
  return new Client(new Requester(options));
}

/** Asks one node. Nothing here throws but the `follow…` streams: problems are values. */
export class Client {
  readonly secrets: SecretClient;
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
    this.secrets = new SecretClient(requester);
  }

  /** Whether the node lives. */
  health(options?: CallOptions): Promise<Result<Health>> {
    return this.#get("/health", options);
  }

  /** Whether the node can be used; `not_ready` until then. */
  ready(options?: CallOptions): Promise<Result<Json>> {
    return this.#get("/ready", options);
  }

  /** Who the token belongs to. */
  whoami(options?: CallOptions): Promise<Result<WhoAmI>> {
    return this.#get("/api/v1/whoami", options);
  }

  /** Which rules are in force for each scope, and where they come from. */
  policy(options?: CallOptions): Promise<Result<PolicyView>> {
    return this.#get("/api/v1/policy", options);
  }

  /** Stores a version that waits for its confirmation. */
  publish(source: DagSource, options?: CallOptions): Promise<Result<PublishAnswer>> {
    return this.#postSource("/api/v1/dag/publish", source, options);
  }

  /** What a publish would answer; nothing is stored. */
  validate(source: DagSource, options?: CallOptions): Promise<Result<PublishAnswer>> {
    return this.#postSource("/api/v1/dag/validate", source, options);
  }

  /** Starts a run of the version that waits: of exactly `spec_hash`, if given. */
  confirm(
    dagId: string,
    body: { spec_hash?: string } = {},
    options?: CallOptions,
  ): Promise<Result<ConfirmAnswer>> {
    return this.#post(path`/api/v1/dag/${dagId}/confirm`, body, options);
  }

  /** Refuses the version that waits. */
  reject(
    dagId: string,
    body: { reason: string; spec_hash?: string },
    options?: CallOptions,
  ): Promise<Result<RejectAnswer>> {
    return this.#post(path`/api/v1/dag/${dagId}/reject`, body, options);
  }

  /** The newest version of each DAG. */
  listDags(options: PageOptions = {}): Promise<Result<DagList>> {
    const { limit, cursor, ...call } = options;
    return this.#get("/api/v1/dag", call, { limit, cursor });
  }

  /** One version with its spec: the newest, or `version`. */
  getDag(
    dagId: string,
    options: CallOptions & { version?: number } = {},
  ): Promise<Result<DagView>> {
    const { version, ...call } = options;
    return this.#get(path`/api/v1/dag/${dagId}`, call, { version });
  }

  /** All versions of a DAG, newest first. */
  versions(dagId: string, options: PageOptions = {}): Promise<Result<VersionList>> {
    const { limit, cursor, ...call } = options;
    return this.#get(path`/api/v1/dag/${dagId}/versions`, call, { limit, cursor });
  }

  /** What differs between two versions. */
  diff(
    dagId: string,
    options: CallOptions & { from?: number; to?: number } = {},
  ): Promise<Result<Json>> {
    const { from, to, ...call } = options;
    return this.#get(path`/api/v1/dag/${dagId}/diff`, call, { from, to });
  }

  /** How a DAG stands: its newest version and that one's last run. */
  status(dagId: string, options?: CallOptions): Promise<Result<DagStatus>> {
    return this.#get(path`/api/v1/dag/${dagId}/status`, options);
  }

  /** What blocks a DAG, why, and what to do. */
  analyze(dagId: string, options?: CallOptions): Promise<Result<Json>> {
    return this.#post(path`/api/v1/dag/${dagId}/analyze`, undefined, options);
  }

  /** Everything that waits for a confirmation. */
  pending(options?: CallOptions): Promise<Result<PendingList>> {
    return this.#get("/api/v1/pending", options);
  }

  /** Starts another run of the confirmed version. */
  runDag(dagId: string, options?: CallOptions): Promise<Result<RunActionAnswer>> {
    return this.#post(path`/api/v1/dag/${dagId}/run`, undefined, options);
  }

  /** Runs, newest first. */
  listRuns(filter: RunFilter = {}): Promise<Result<RunList>> {
    const { dagId, status, scope, since, q, limit, cursor, ...call } = filter;
    return this.#get("/api/v1/runs", call, {
      dag_id: dagId,
      status,
      scope,
      since,
      q,
      limit,
      cursor,
    });
  }

  /** One run with its tasks and their attempts. */
  getRun(runId: string, options?: CallOptions): Promise<Result<RunView>> {
    return this.#get(path`/api/v1/runs/${runId}`, options);
  }

  /** One task of a run. */
  getTask(runId: string, taskId: string, options?: CallOptions): Promise<Result<TaskView>> {
    return this.#get(path`/api/v1/runs/${runId}/tasks/${taskId}`, options);
  }

  /** One page of what a run's tasks wrote: of all, or of `taskId`. */
  runLogs(
    runId: string,
    options: PageOptions & LogQuery & { taskId?: string } = {},
  ): Promise<Result<LogPage>> {
    const { taskId, limit, cursor, signal } = options;
    const query = { ...logQueryIn(options), limit, cursor };
    return this.#get(runLogsPath(runId, taskId), { signal }, query);
  }

  /** What a run's tasks write, from the first line (or after `lastEventId`) until the run ends. */
  followLogs(
    runId: string,
    options: FollowOptions & LogQuery & { taskId?: string } = {},
  ): AsyncGenerator<LogLineView, void> {
    const from = { lastEventId: "0", ...options };
    return this.#follow(runLogsPath(runId, options.taskId), from, logQueryIn(options));
  }

  /** Lines of all runs and workers, the newest first. A page may be empty and yet not the last. */
  searchLogs(options: PageOptions & LogSearchQuery = {}): Promise<Result<LogSearchPage>> {
    const { run, task, worker, limit, cursor, signal } = options;
    const query = { ...logQueryIn(options), run, task, worker, limit, cursor };
    return this.#get("/api/v1/logs", { signal }, query);
  }

  /** What happens in a run, from its beginning (or after `lastEventId`) until it ends. */
  followRunEvents(runId: string, options: FollowOptions = {}): AsyncGenerator<EventView, void> {
    return this.#follow(path`/api/v1/runs/${runId}/events`, { lastEventId: "0", ...options });
  }

  /** What happens in the node from now on (or after `lastEventId`), until aborted. */
  followEvents(options?: FollowOptions): AsyncGenerator<EventView, void> {
    return this.#follow("/api/v1/events", options);
  }

  /** Ends a run. */
  cancelRun(runId: string, options?: CallOptions): Promise<Result<RunActionAnswer>> {
    return this.#post(path`/api/v1/runs/${runId}/cancel`, undefined, options);
  }

  /** Makes a new run of an ended one that keeps what was completed, unless `from_scratch`. */
  retryRun(
    runId: string,
    body: { from_scratch?: boolean; task_id?: string } = {},
    options?: CallOptions,
  ): Promise<Result<RunActionAnswer>> {
    return this.#post(path`/api/v1/runs/${runId}/retry`, body, options);
  }

  /** Starts no more tasks of a run. */
  pauseRun(runId: string, options?: CallOptions): Promise<Result<RunActionAnswer>> {
    return this.#post(path`/api/v1/runs/${runId}/pause`, undefined, options);
  }

  /** Goes on with a paused run. */
  resumeRun(runId: string, options?: CallOptions): Promise<Result<RunActionAnswer>> {
    return this.#post(path`/api/v1/runs/${runId}/resume`, undefined, options);
  }

  /** Publishes a single task, as a DAG of its own that waits for its confirmation. */
  issueTask(task: Json, options?: CallOptions): Promise<Result<IssueAnswer>> {
    return this.#post("/api/v1/task/issue", task, options);
  }

  /** Issued tasks, each with what became of it. */
  tasks(options: PageOptions = {}): Promise<Result<IssuedTaskList>> {
    const { limit, cursor, ...call } = options;
    return this.#get("/api/v1/tasks", call, { limit, cursor });
  }

  /** What became of an issued task, by its own id or that of its DAG. */
  taskStatus(taskId: string, options?: CallOptions): Promise<Result<IssuedTaskView>> {
    return this.#get(path`/api/v1/task/${taskId}/status`, options);
  }

  /** How many runs began within the last 24 hours, and how they ended. */
  activity(options?: CallOptions): Promise<Result<Activity>> {
    return this.#get("/api/v1/activity", options);
  }

  /** Who did what, or was refused it, newest first. */
  audit(filter: AuditFilter = {}): Promise<Result<AuditList>> {
    const { action, target, tokenId, limit, cursor, ...call } = filter;
    const query = { action, target, token_id: tokenId, limit, cursor };
    return this.#get("/api/v1/audit", call, query);
  }

  /** Ends one task of a run. */
  cancelTask(
    runId: string,
    taskId: string,
    options?: CallOptions,
  ): Promise<Result<TaskActionAnswer>> {
    return this.#post(path`/api/v1/runs/${runId}/tasks/${taskId}/cancel`, undefined, options);
  }

  /** Decisions about tasks, newest first. */
  decisions(filter: OpenFilter = {}): Promise<Result<DecisionList>> {
    const { status, run, limit, cursor, ...call } = filter;
    return this.#get("/api/v1/decisions", call, { status, run, limit, cursor });
  }

  /** One decision with its votes. */
  decision(decisionId: string, options?: CallOptions): Promise<Result<DecisionView>> {
    return this.#get(path`/api/v1/decisions/${decisionId}`, options);
  }

  /** Answers a decision: lets the task start, or not. */
  decide(
    decisionId: string,
    answer: "approve" | "reject",
    body: { reason?: string } = {},
    options?: CallOptions,
  ): Promise<Result<DecisionAnswer>> {
    return this.#post(path`/api/v1/decisions/${decisionId}/${answer}`, body, options);
  }

  /** Votes about a task that stakeholders decide about. */
  vote(
    decisionId: string,
    body: { vote: "approve" | "reject"; reason?: string },
    options?: CallOptions,
  ): Promise<Result<DecisionAnswer>> {
    return this.#post(path`/api/v1/decisions/${decisionId}/vote`, body, options);
  }

  /** Failures that were allowed to pass, newest first. */
  debts(filter: OpenFilter & { dagId?: string } = {}): Promise<Result<DebtList>> {
    const { status, run, dagId, limit, cursor, ...call } = filter;
    return this.#get("/api/v1/debts", call, { status, run, dag_id: dagId, limit, cursor });
  }

  /** Settles a debt, with `resume` by running its task again in a new run. */
  resolveDebt(
    debtId: string,
    body: { reason: string; resume?: boolean },
    options?: CallOptions,
  ): Promise<Result<DebtAnswer>> {
    return this.#post(path`/api/v1/debts/${debtId}/resolve`, body, options);
  }

  /** The workers that the node knows. */
  workers(options: PageOptions = {}): Promise<Result<WorkerList>> {
    const { limit, cursor, ...call } = options;
    return this.#get("/api/v1/workers", call, { limit, cursor });
  }

  /** One worker. */
  worker(workerId: string, options?: CallOptions): Promise<Result<WorkerDetailView>> {
    return this.#get(path`/api/v1/workers/${workerId}`, options);
  }

  /** What the node's machine has to hold tasks to their limits. */
  limits(options?: CallOptions): Promise<Result<LimitList>> {
    return this.#get(path`/api/v1/limits`, options);
  }

  /** The nodes that share a room with this one. */
  nodes(options?: CallOptions): Promise<Result<NodeList>> {
    return this.#get(path`/api/v1/nodes`, options);
  }

  /** Whether the node and its machine are as they should be. */
  doctor(options?: CallOptions): Promise<Result<DoctorAnswer>> {
    return this.#get(path`/api/v1/doctor`, options);
  }

  /** One page of what a worker process itself wrote. */
  workerLogs(workerId: string, options: PageOptions & LogQuery = {}): Promise<Result<LogPage>> {
    const { limit, cursor, signal } = options;
    const query = { ...logQueryIn(options), limit, cursor };
    return this.#get(path`/api/v1/workers/${workerId}/logs`, { signal }, query);
  }

  /** What a worker process itself writes, until aborted. */
  followWorkerLogs(
    workerId: string,
    options: FollowOptions & LogQuery = {},
  ): AsyncGenerator<LogLineView, void> {
    return this.#follow(path`/api/v1/workers/${workerId}/logs`, options, logQueryIn(options));
  }

  /** Asks for a worker's place: the answer is what its process is spawned with. */
  startWorker(
    body: z.input<typeof WorkerStartBody>,
    options?: CallOptions,
  ): Promise<Result<z.infer<typeof WorkerStartAnswer>>> {
    return this.#post("/api/v1/workers", body, options);
  }

  /** Lets a worker finish what it does and ends it. */
  stopWorker(workerId: string, options?: CallOptions): Promise<Result<WorkerActionAnswer>> {
    return this.#post(path`/api/v1/workers/${workerId}/stop`, undefined, options);
  }

  /** Ends a worker and starts it again. */
  restartWorker(workerId: string, options?: CallOptions): Promise<Result<WorkerActionAnswer>> {
    return this.#post(path`/api/v1/workers/${workerId}/restart`, undefined, options);
  }

  /** Copies the node's database into its data directory, and checks the copy. */
  backup(options?: CallOptions): Promise<Result<BackupAnswer>> {
    return this.#post("/api/v1/backup", undefined, { ...options });
  }

  /** The schedule of a DAG in force, and what became of its last times. */
  schedule(dagId: string, options?: CallOptions): Promise<Result<ScheduleAnswer>> {
    return this.#get(path`/api/v1/dag/${dagId}/schedule`, options);
  }

  /** Switches the schedule in force on or off. */
  setSchedule(
    dagId: string,
    body: { enabled: boolean },
    options?: CallOptions,
  ): Promise<Result<ScheduleAnswer>> {
    return this.#post(path`/api/v1/dag/${dagId}/schedule`, body, options);
  }

  /** All tokens, without their secrets. */
  tokens(options: PageOptions = {}): Promise<Result<TokenList>> {
    const { limit, cursor, ...call } = options;
    return this.#get("/api/v1/tokens", call, { limit, cursor });
  }

  /** Makes a token; it is in this answer and nowhere else. */
  createToken(
    body: z.input<typeof TokenBody>,
    options?: CallOptions,
  ): Promise<Result<TokenAnswer>> {
    return this.#post("/api/v1/tokens", body, options);
  }

  /** Makes a token for somebody's account on the homeserver. */
  bindToken(body: z.input<typeof BindBody>, options?: CallOptions): Promise<Result<TokenView>> {
    return this.#post("/api/v1/tokens/bind", body, options);
  }

  /** Ends a token at once. */
  revokeToken(tokenId: string, options?: CallOptions): Promise<Result<TokenView | null>> {
    const parts = { ...options, method: "DELETE" } as const;
    return this.#requester.json(path`/api/v1/tokens/${tokenId}`, parts);
  }

  /** Makes a link that signs a browser in, once, as whoever asks. */
  signInLink(options?: CallOptions): Promise<Result<SignInLink>> {
    return this.#post("/api/v1/sign-in-link", undefined, options);
  }

  #get<T>(
    path: string,
    call: CallOptions = {},
    query?: Record<string, string | number | undefined>,
  ): Promise<Result<T>> {
    return this.#requester.json(path, { ...call, query });
  }

  #post<T>(path: string, body: unknown, call: CallOptions = {}): Promise<Result<T>> {
    const sent = body === undefined
      ? {}
      : { body: JSON.stringify(body), contentType: "application/json" };
    return this.#requester.json(path, { ...call, ...sent, method: "POST" });
  }

  #postSource<T>(path: string, source: DagSource, call: CallOptions = {}): Promise<Result<T>> {
    if ("doc" in source) return this.#post(path, source.doc, call);
    const { text: body, contentType } = source;
    return this.#requester.json(path, { ...call, method: "POST", body, contentType });
  }

  async *#follow<T>(
    path: string,
    options: FollowOptions = {},
    query: LogQuery = {},
  ): AsyncGenerator<T, void> {
    const accept = "text/event-stream";
    const open = (lastEventId: string, signal: AbortSignal): Promise<Response> =>
      this.#requester.open(path, { accept, lastEventId, signal, query: { ...query } });
    for await (const message of followSse(open, options)) yield parseEvent<T>(message.data);
  }
}

function runLogsPath(runId: string, taskId?: string): string {
  if (taskId === undefined) return path`/api/v1/runs/${runId}/logs`;
  return path`/api/v1/runs/${runId}/tasks/${taskId}/logs`;
}

/** @throws {ProblemError} when the node sent something else than JSON */
function parseEvent<T>(data: string): T {
  try {
    return JSON.parse(data) as T;
  } catch {
    throw new ProblemError({
      type: "about:blank",
      title: "Not an answer of this API",
      status: 200,
      code: UNEXPECTED_ANSWER,
      request_id: "",
      detail: `The stream carried ${JSON.stringify(data.slice(0, 80))}, which is not JSON`,
    });
  }
}
