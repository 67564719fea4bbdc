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
import { Database } from "./db/database.ts";
import { EmbeddedTransport } from "./matrix/embedded_transport.ts";
import { RoomTaskChannel } from "./matrix/task_channel.ts";
import { nodeSocketPath } from "./matrix/node_socket.ts";
import type { IncomingEvent } from "./matrix/transport.ts";
import { Alarms } from "./scheduler/alarms.ts";
import type { BeginRun } from "./scheduler/confirm.ts";
import { Engine } from "./scheduler/engine.ts";
import { EventLog } from "./scheduler/event_log.ts";
import { Expirer } from "./scheduler/expirer.ts";
import { LocalExecutor } from "./scheduler/local_executor.ts";
import { LogStore } from "./scheduler/log_store.ts";
import { Rescuer } from "./scheduler/rescuer.ts";
import { Results } from "./scheduler/results.ts";
import { RunStore } from "./scheduler/run_store.ts";
import type { TaskGrant } from "./scheduler/task_grants.ts";
import { SpecStore } from "./scheduler/spec_store.ts";
import type { DagSpec, TaskSpec } from "./schema/dag_spec.ts";
import { type Scope, scopeKey, workerId as workerIdOf } from "./schema/scope.ts";
import { secretKeyPath } from "./secrets/secret_key.ts";
import { SecretStore } from "./secrets/secret_store.ts";
import { DAG_EXECUTE, DAG_EXECUTOR, DagExecutorSkill } from "./skill/dag_executor.ts";
import { SkillManager } from "./skill/skill_manager.ts";
import { DEFAULT_POLICY, TASK_ENV_NAMES } from "./worker/policy.ts";
import { Supervisor } from "./worker/supervisor.ts";
import { type WorkerCommand, workerCommand, type WorkerPlace } from "./worker/worker_command.ts";
import { WorkerStore } from "./worker/worker_store.ts";
import { workspaceOf } from "./worker/workspace.ts";

/** Everything of a running node. */
export interface Node {
  readonly config: Config;
  readonly db: Database;
  readonly tokens: TokenStore;
  readonly sessions: SessionStore;
  readonly audit: AuditLog;
  readonly secrets: SecretStore;
  readonly events: EventLog;
  readonly logs: LogStore;
  readonly specs: SpecStore;
  readonly runs: RunStore;
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly expirer: Expirer;
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
  /** Ends workers and closes the store. */
  stop(): Promise<void>;
}

/** Options of {@linkcode createNode}. */
export interface NodeOptions {
  readonly report?: (line: string) => void;
}

/**
 * Opens the store and puts the node together. Nothing runs before `start`.
 * @throws {SchemaError} for a database of a newer version; Deno's errors for an unusable directory
 */
export function createNode(config: Config, options: NodeOptions = {}): Node {
  const report = options.report ?? (() => {});
  const db = new Database(join(config.data_dir, "cis.db"), {
    onEffectError: (error) => report(`after a commit: ${String(error)}`),
  });
  const events = new EventLog(db);
  const specs = new SpecStore(db);
  const runs = new RunStore(db);
  const logs = new LogStore(db);
  const alarms = new Alarms();
  const engine = new Engine({ db, runs, specs, events, alarms });
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
    random: Math.random,
    report,
  });
  const transport = new EmbeddedTransport({
    db,
    nodeId: config.node_id,
    authenticate: (workerId, secret) => supervisor.authenticate(workerId, secret),
    secretsOf: (workerId) => {
      const worker = supervisor.list().find((one) => one.workerId === workerId);
      return worker === undefined ? {} : secretsFor(worker.scope, node);
    },
    onMisbehaviour: (member, what) => report(`${member?.workerId ?? "a connection"} sent ${what}`),
  });
  const channel = new RoomTaskChannel(transport, config.node_id);
  const executor = new LocalExecutor({
    engine,
    runs,
    pool: supervisor,
    channel,
    grants: { forTask: (spec, task) => defaultGrant(spec, task, config) },
  });
  const rescuer = new Rescuer({ engine, executor, runs, channel });
  const results = new Results({ engine, executor, runs, logs, random: Math.random });
  const skills = new SkillManager();
  skills.register(
    new DagExecutorSkill({ engine, executor, specs, runs, nodeId: config.node_id }),
  );
  const expirer = new Expirer({ db, events, alarms });

  engine.connect({
    onRevoke: (tx, run, effects) => executor.revoke(tx, run, effects),
    onDue: (runId, event) => {
      db.write((tx) => executor.happen(tx, runId, event))
        .catch((error) => report(`run ${runId}: ${String(error)}`));
    },
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
        return;
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
    secrets: new SecretStore(db, secretKeyPath(config.data_dir)),
    events,
    logs,
    specs,
    runs,
    engine,
    executor,
    expirer,
    supervisor,
    transport,
    skills,
    idempotency: new Idempotency(db),
    beginRun: (tx, order) =>
      skills.sendEvent(tx, DAG_EXECUTOR, { name: DAG_EXECUTE, data: order }) as { run_id: string },
    report,
    address: { host: config.host, port: config.port },
    isReady: false,
    async start(): Promise<void> {
      supervisor.restore();
      await expirer.runOnce();
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
      alarms.stop();
      await supervisor.stopAll();
      transport.stop();
      db.close();
    },
  };
  return node;
}

/** The worker that a run's scope has, as far as it isn't the run's own. */
function scopeWorker(run: { machine: { spec: { scope: WorkerPlace["scope"] } } }): string {
  return workerIdOf(run.machine.spec.scope);
}

/** What the tasks of a scope may declare, by name. What can't be decrypted is reported. */
function secretsFor(scope: Scope, { secrets, report }: Node): Record<string, string> {
  const { values, problems } = secrets.valuesFor(scopeKey(scope), () => true);
  for (const problem of problems) report(problem);
  return values;
}

function defaultGrant(
  { scope }: DagSpec,
  task: TaskSpec,
  config: Config,
): TaskGrant {
  const workspace = workspaceOf(scope, config);
  return {
    permissions: { net: [], read: [workspace], write: [workspace], env: [], run: [] },
    walls: "none",
    limits: { memory: null, cpu: null, file_size: null, output: config.max_output_bytes },
    secrets: [...task.secrets],
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
    secrets: secretsFor(place.scope, node),
    launch: { bubblewrap: null, hidden: [], groups: null, pids: 512 },
    processEnv: { NO_COLOR: "1", ...(cache === undefined ? {} : { DENO_DIR: cache }) },
    taskEnv: inheritedEnv(TASK_ENV_NAMES),
  });
}
