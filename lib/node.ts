/**
 * A node, put together: store, scheduler, workers, rooms, skills and sign-in, connected to each
 * other. Routes and tests get at all of it through {@linkcode Node}.
 */
import { join } from "node:path";
import { AuditLog } from "./auth/audit_log.ts";
import { SessionStore } from "./auth/session_store.ts";
import { TokenStore } from "./auth/token_store.ts";
import { type Config, denoDir, inheritedEnv } from "./config.ts";
import { Idempotency } from "./idempotency.ts";
import { DataDirLock } from "./data_dir_lock.ts";
import { Database } from "./db/database.ts";
import { EmbeddedTransport } from "./matrix/embedded_transport.ts";
import { RoomTaskChannel } from "./matrix/task_channel.ts";
import { nodeSocketPath } from "./matrix/node_socket.ts";
import type { IncomingEvent } from "./matrix/transport.ts";
import { Alarms, type AlarmTimer, systemTimer } from "./scheduler/alarms.ts";
import type { BeginRun } from "./scheduler/confirm.ts";
import { DebtStore } from "./scheduler/debt_store.ts";
import { DecisionExpirer } from "./scheduler/decision_expirer.ts";
import { DecisionStore } from "./scheduler/decision_store.ts";
import { Engine } from "./scheduler/engine.ts";
import { EventLog } from "./scheduler/event_log.ts";
import { Expirer } from "./scheduler/expirer.ts";
import { LocalExecutor } from "./scheduler/local_executor.ts";
import { LogStore } from "./scheduler/log_store.ts";
import { Rescuer } from "./scheduler/rescuer.ts";
import { Results } from "./scheduler/results.ts";
import type { RunEvent } from "./scheduler/run_machine.ts";
import { RunStore } from "./scheduler/run_store.ts";
import type { TaskGrant } from "./scheduler/task_grants.ts";
import { SpecStore } from "./scheduler/spec_store.ts";
import { withoutSecrets } from "./schema/redact.ts";
import { workerId as workerIdOf } from "./schema/scope.ts";
import { DAG_EXECUTE, DAG_EXECUTOR, DagExecutorSkill } from "./skill/dag_executor.ts";
import { SkillManager } from "./skill/skill_manager.ts";
import { DEFAULT_POLICY, TASK_ENV_NAMES } from "./worker/policy.ts";
import { Supervisor } from "./worker/supervisor.ts";
import { type WorkerCommand, workerCommand, type WorkerPlace } from "./worker/worker_command.ts";
import { WorkerStore } from "./worker/worker_store.ts";
import { workspaceOf } from "./worker/workspace.ts";

/** How long until something that was due, but could not be stored, is tried again. */
const DUE_AGAIN_MS = 1_000;

/** Everything of a running node. */
export interface Node {
  readonly config: Config;
  readonly db: Database;
  readonly tokens: TokenStore;
  readonly sessions: SessionStore;
  readonly audit: AuditLog;
  readonly events: EventLog;
  readonly logs: LogStore;
  readonly specs: SpecStore;
  readonly runs: RunStore;
  readonly decisions: DecisionStore;
  readonly debts: DebtStore;
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly expirer: Expirer;
  readonly decisionExpirer: DecisionExpirer;
  readonly supervisor: Supervisor;
  readonly transport: EmbeddedTransport;
  readonly skills: SkillManager;
  readonly idempotency: Idempotency;
  /** Begins a run through the dag-executor skill. */
  readonly beginRun: BeginRun;
  /** Told lines about what goes wrong where nobody waits for an answer. */
  readonly report: (line: string) => void;
  /** Where the node is reached, once it listens. */
  address: { readonly host: string; readonly port: number };
  /** Whether it takes work: from `start` to `stop`. */
  isReady: boolean;
  /** Takes up what an earlier life left. When it listens. */
  start(): Promise<void>;
  /** Aborted when the node begins to stop: streams end then, or they would keep it from it. */
  readonly ending: AbortSignal;
  /** Ends workers and closes the store. */
  stop(): Promise<void>;
}

/** Options of {@linkcode createNode}. */
export interface NodeOptions {
  readonly report?: (line: string) => void;
  /** Time of everything that is stored or due; tests bring their own. */
  readonly timer?: AlarmTimer;
  /** From 0 to 1, for the jitter of retries and restarts. */
  readonly random?: () => number;
}

/**
 * Opens the store and puts the node together. Nothing runs before `start`.
 * @throws {DataDirInUseError} while another node has the directory; {SchemaError} for a database of
 * a newer version; Deno's errors for an unusable directory
 */
export function createNode(config: Config, options: NodeOptions = {}): Node {
  const { timer = systemTimer, random = Math.random } = options;
  const report = (line: string): void => options.report?.(withoutSecrets(line));
  const lock = new DataDirLock(config.data_dir);
  const db = openDatabase(config, { report, timer, lock });
  const events = new EventLog(db);
  const specs = new SpecStore(db);
  const runs = new RunStore(db);
  const logs = new LogStore(db);
  const alarms = new Alarms(timer);
  const decisions = new DecisionStore(db);
  const debts = new DebtStore(db);
  const engine = new Engine({
    ...{ db, runs, specs, events, alarms, decisions, debts },
    decisionExpireMs: config.decision_expire_sec * 1000,
  });
  const supervisor = new Supervisor({
    db,
    store: new WorkerStore(db),
    settings: {
      nodeId: config.node_id,
      slots: config.max_concurrent_tasks,
      readyTimeoutMs: config.ready_timeout_ms,
      reconnectGraceMs: config.reconnect_grace_ms,
      idleExitMs: config.idle_exit_ms,
      stopGraceMs: config.stop_grace_ms,
      restartLimit: config.restart_limit,
    },
    command: (place) => commandFor(place, node),
    random,
    report,
  });
  const transport = new EmbeddedTransport({
    db,
    nodeId: config.node_id,
    authenticate: (workerId, secret) => supervisor.authenticate(workerId, secret),
    onMisbehaviour: (member, what) => report(`${member?.workerId ?? "a connection"} sent ${what}`),
  });
  const channel = new RoomTaskChannel(transport, config.node_id);
  const executor = new LocalExecutor({
    engine,
    runs,
    pool: supervisor,
    channel,
    grants: { forTask: (spec) => defaultGrant(workspaceOf(spec.scope, config), config) },
  });
  const rescuer = new Rescuer({ engine, executor, runs, channel });
  const results = new Results({ engine, executor, runs, logs, random });
  const skills = new SkillManager();
  skills.register(
    new DagExecutorSkill({ engine, executor, specs, runs, debts, nodeId: config.node_id }),
  );
  const expirer = new Expirer({ db, events, alarms });
  const decisionExpirer = new DecisionExpirer({ db, decisions, events, executor, alarms, report });
  const ending = new AbortController();

  engine.connect({
    onRevoke: (tx, run, effects) => executor.revoke(tx, run, effects),
    onDue: fallDue,
    onAsked: () => decisionExpirer.setAlarm(),
    onEnded: (run) => {
      if (run.workerId !== scopeWorker(run)) supervisor.release(run.workerId);
      else if (!executor.hasWork(run.workerId)) supervisor.idle(run.workerId);
    },
  });
  supervisor.connect({
    onReady: (tx, workerId, ready) => rescuer.workerReady(tx, workerId, ready),
    onLost: (tx, workerId, reason) => rescuer.workerLost(tx, workerId, reason),
    onGivenUp: (tx, workerId, reason) => executor.giveUp(tx, workerId, reason),
    onChange: (tx, worker) =>
      events.append(tx, {
        type: `worker.${worker.status}`,
        workerId: worker.workerId,
        data: { pid: worker.pid, restarts: worker.restarts, error: worker.error },
      }),
    hasWork: (workerId) => executor.hasWork(workerId),
    onOutput: (workerId, line) => {
      db.write((tx) => logs.appendOfWorker(tx, workerId, [line]))
        .catch((error) => report(`log of ${workerId}: ${String(error)}`));
    },
  });
  transport.connect({
    onEvent: (tx, event) => receive(tx, event),
    onAway: (member) => supervisor.workerAway(member),
  });

  /** A retry or deadline that could not be stored, as on a full disk, stays due. */
  function fallDue(runId: string, event: RunEvent): void {
    db.write((tx) => executor.happen(tx, runId, event)).catch((error) => {
      report(`run ${runId}: ${String(error)}`);
      const again = timer.now() + DUE_AGAIN_MS;
      alarms.set(`again ${runId} ${JSON.stringify(event)}`, again, () => fallDue(runId, event));
    });
  }

  function receive(tx: Parameters<typeof results.accept>[0], event: IncomingEvent): void {
    const { workerId } = event.from;
    switch (event.type) {
      case "io.cis.worker.ready":
        return supervisor.workerReady(tx, event.from, event.content);
      case "io.cis.worker.heartbeat":
        return supervisor.heartbeat(tx, event.from, event.content);
      case "io.cis.task.result":
        results.accept(tx, workerId, event.content);
        return;
      case "io.cis.task.log":
        return results.keepLogs(tx, workerId, event.content);
      case "io.cis.worker.shutdown":
        return supervisor.workerEnds(tx, event.from);
      default:
        // Dispatches and cancels are the node's to send; from a worker they mean nothing.
        report(`${workerId} sent ${event.type}, which only the node may send`);
    }
  }

  const node: Node = {
    config,
    db,
    tokens: new TokenStore(db, config.node_id),
    sessions: new SessionStore(db),
    audit: new AuditLog(db),
    events,
    logs,
    specs,
    runs,
    decisions,
    debts,
    engine,
    executor,
    expirer,
    decisionExpirer,
    supervisor,
    transport,
    skills,
    idempotency: new Idempotency(db),
    beginRun: (tx, order) =>
      skills.sendEvent(tx, DAG_EXECUTOR, { name: DAG_EXECUTE, data: order }) as { run_id: string },
    report,
    address: { host: config.host, port: config.port },
    isReady: false,
    ending: ending.signal,
    async start(): Promise<void> {
      supervisor.restore();
      await expirer.runOnce();
      await decisionExpirer.runOnce({ missed: true });
      await db.write((tx) =>
        engine.transact(tx, () => {
          for (const run of engine.restoreAll()) executor.execute(tx, run);
        })
      );
      transport.listen(nodeSocketPath(config.data_dir));
      node.isReady = true;
    },
    async stop(): Promise<void> {
      node.isReady = false;
      ending.abort();
      alarms.stop();
      await supervisor.stopAll();
      transport.stop();
      db.close();
      lock.release();
    },
  };
  return node;
}

/** Opens the store; a directory whose store can't be opened isn't kept. */
function openDatabase(
  config: Config,
  { report, timer, lock }: { report: Node["report"]; timer: AlarmTimer; lock: DataDirLock },
): Database {
  try {
    return new Database(join(config.data_dir, "cis.db"), {
      now: () => timer.now(),
      onEffectError: (error) => report(`after a commit: ${String(error)}`),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The worker that a run's scope has, as far as it isn't the run's own. */
function scopeWorker(run: { machine: { spec: { scope: WorkerPlace["scope"] } } }): string {
  return workerIdOf(run.machine.spec.scope);
}

function defaultGrant(workspace: string, config: Config): TaskGrant {
  return {
    permissions: { net: [], read: [workspace], write: [workspace], env: [], run: [] },
    walls: "none",
    limits: { memory: null, cpu: null, file_size: null, output: config.max_output_bytes },
    secrets: [],
    maxTimeoutMs: null,
  };
}

function commandFor(place: WorkerPlace, node: Node): WorkerCommand {
  const { config } = node;
  const cache = denoDir();
  return workerCommand(place, {
    socket: nodeSocketPath(config.data_dir),
    policy: DEFAULT_POLICY,
    workspace: workspaceOf(place.scope, config),
    temp: join(config.data_dir, "tmp"),
    maxConcurrentTasks: config.max_concurrent_tasks,
    heartbeatMs: config.heartbeat_ms,
    orphanGraceMs: config.orphan_grace_ms,
    secrets: {},
    launch: { bubblewrap: null, hidden: [], groups: null, pids: 512 },
    processEnv: { NO_COLOR: "1", ...(cache === undefined ? {} : { DENO_DIR: cache }) },
    taskEnv: inheritedEnv(TASK_ENV_NAMES),
  });
}
