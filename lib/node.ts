/**
 * A node, put together: store, scheduler, workers, rooms, skills and sign-in, connected to each
 * other. Routes and tests get at all of it through {@linkcode Node}.
 */
import { join } from "node:path";
import { AuditLog } from "./auth/audit_log.ts";
import { Refusals } from "./auth/refusals.ts";
import { SessionStore } from "./auth/session_store.ts";
import { TokenStore } from "./auth/token_store.ts";
import type { Config } from "./config.ts";
import { PolicyReload } from "./policy_reload.ts";
import { Idempotency } from "./idempotency.ts";
import { DataDirLock } from "./data_dir_lock.ts";
import type { Database } from "./db/database.ts";
import { openDatabase } from "./open_database.ts";
import { nodeSupervisor } from "./node_supervisor.ts";
import { nodeWays } from "./node_ways.ts";
import { nodeWorkerCommand } from "./node_worker_command.ts";
import { LimitWatches } from "./limit_watches.ts";
import type { NodeTransport } from "./matrix/node_transport.ts";
import { homeserverWorkers, nodeTransport } from "./node_transport_parts.ts";
import { RoomTaskChannel } from "./matrix/task_channel.ts";
import { nodeSocketPath } from "./matrix/node_socket.ts";
import { Alarms, type AlarmTimer, systemTimer } from "./scheduler/alarms.ts";
import type { BeginRun } from "./scheduler/confirm.ts";
import { DebtStore } from "./scheduler/debt_store.ts";
import { DecisionStore } from "./scheduler/decision_store.ts";
import { Engine } from "./scheduler/engine.ts";
import { DueWork } from "./scheduler/due_work.ts";
import { EventLog } from "./scheduler/event_log.ts";
import { HandoverStore } from "./scheduler/handover_store.ts";
import { LocalExecutor } from "./scheduler/local_executor.ts";
import { LogStore } from "./scheduler/log_store.ts";
import { Rescuer } from "./scheduler/rescuer.ts";
import { Results } from "./scheduler/results.ts";
import { RunStore } from "./scheduler/run_store.ts";
import { SpecStore } from "./scheduler/spec_store.ts";
import { withoutSecrets } from "./schema/redact.ts";
import type { Waiting } from "./schema/waiting.ts";
import { WorkerOutput } from "./scheduler/worker_output.ts";
import { scopeKey, workerId as workerIdOf } from "./schema/scope.ts";
import { secretKeyPath } from "./secrets/secret_key.ts";
import { SecretStore } from "./secrets/secret_store.ts";
import { DAG_EXECUTE, DAG_EXECUTOR, DagExecutorSkill } from "./skill/dag_executor.ts";
import { receptionOf } from "./reception.ts";
import { SkillManager } from "./skill/skill_manager.ts";
import { boundsOf, createUpkeep, type Upkeep } from "./upkeep.ts";
import { addressesOf, groundPaths } from "./worker/ground_settings.ts";
import { TaskTimes } from "./scheduler/task_times.ts";
import { MachineMeans } from "./worker/machine_means.ts";
import { scopeLimits } from "./worker/scope_limits.ts";
import { ScopePolicies } from "./worker/scope_policies.ts";
import type { Supervisor } from "./worker/supervisor.ts";
import { workerSecrets } from "./worker/worker_secrets.ts";
import { removeTempOf, sweepTemp } from "./worker/temp_dirs.ts";
import type { WorkerPlace } from "./worker/worker_command.ts";
import { WorkerHistory } from "./worker/worker_history.ts";
import { workspaceOf } from "./worker/workspace.ts";

/** Everything of a running node. */
export interface Node extends Upkeep {
  readonly config: Config;
  readonly db: Database;
  readonly tokens: TokenStore;
  readonly sessions: SessionStore;
  readonly audit: AuditLog;
  readonly refusals: Refusals;
  readonly secrets: SecretStore;
  readonly events: EventLog;
  readonly logs: LogStore;
  readonly specs: SpecStore;
  readonly runs: RunStore;
  readonly decisions: DecisionStore;
  readonly debts: DebtStore;
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  /** What the machine has to hold tasks to their limits. Looked into by `start`. */
  machine: MachineMeans;
  readonly supervisor: Supervisor;
  /** The rules in force for each scope. */
  readonly policies: ScopePolicies;
  /** Reads them again; tells whose workers have to start anew. */
  readonly policyReload: PolicyReload;
  readonly workerHistory: WorkerHistory;
  readonly transport: NodeTransport;
  readonly handovers: HandoverStore;
  /** What keeps a run that is for another node. */
  readonly elsewhere: (runId: string) => Waiting | undefined;
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
  /** What the machine holds tasks with; `start` looks for it where it isn't given. */
  readonly machine?: MachineMeans;
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
  const audit = new AuditLog(db);
  const specs = new SpecStore(db);
  const runs = new RunStore(db);
  const logs = new LogStore(db);
  const workerOutput = new WorkerOutput({ db, logs, report });
  const alarms = new Alarms(timer);
  const decisions = new DecisionStore(db);
  const debts = new DebtStore(db);
  const engine = new Engine({
    ...{ db, runs, specs, events, alarms, decisions, debts, times: new TaskTimes(db) },
    decisionExpireMs: config.decision_expire_sec * 1000,
  });
  const paths = groundPaths({ ...config, address: config });
  const policies = new ScopePolicies({
    file: config.policy,
    walls: () => node.machine.walls,
    workspaceOf: (scope) => workspaceOf(scope, config),
    groundSettings: () => ({
      ...paths,
      addresses: addressesOf({ ...config, address: node.address }),
    }),
  });
  const temp = join(config.data_dir, "tmp");
  const workerHistory = new WorkerHistory(db);
  const supervisor = nodeSupervisor({
    config,
    db,
    history: workerHistory,
    policies,
    machine: () => node.machine,
    command: (place) => nodeWorkerCommand(place, node),
    transport: () => node.transport,
    temp,
    random,
    report,
  });
  const transport = nodeTransport({
    config,
    db,
    supervisor,
    secretsOf: (scope) => workerSecrets(scope, node),
    report,
  });
  const channel = new RoomTaskChannel(transport, config.node_id);
  const workers = homeserverWorkers({ config, transport, supervisor, report });
  const executor = new LocalExecutor({
    engine,
    runs,
    pool: workers,
    channel,
    grants: policies,
    bounds: boundsOf(config),
    onDispatched: () => watches.wake(),
  });
  const watches = new LimitWatches({
    db,
    engine,
    runs,
    supervisor,
    channel,
    limitsOf: (scope) => scopeLimits(policies.of(scope)),
    workspaceOf: (scope) => workspaceOf(scope, config),
    temp,
    memoryIsHeld: () => node.machine.cgroups?.roots.memory !== undefined,
    report,
  });
  const cleanUpAfter = (workerId: string): void => {
    node.machine.workerGone(workerId);
    void removeTempOf(temp, workerId);
  };
  /** Workers whose processes are there, whoever started them. */
  const workersThatLive = (): Set<string> =>
    new Set(
      supervisor.list().filter(({ status }) => status === "running" || status === "starting")
        .map(({ workerId }) => workerId),
    );
  const rescuer = new Rescuer({ engine, executor, runs, channel });
  const due = new DueWork({ db, executor, alarms, report });
  const results = new Results({ engine, executor, runs, logs, random });
  const handovers = new HandoverStore(db);
  const skills = new SkillManager();
  skills.register(
    new DagExecutorSkill({
      ...{ engine, executor, specs, runs, debts, handovers },
      ...nodeWays(config, db),
    }),
  );
  const beginRun: BeginRun = (tx, order) =>
    skills.sendEvent(tx, DAG_EXECUTOR, { name: DAG_EXECUTE, data: order }) as { run_id: string };
  const upkeep = createUpkeep(config, {
    ...{ db, specs, events, logs, decisions, executor, alarms, beginRun, report },
  });
  const { schedules, expirer, decisionExpirer, pruner, logPruner } = upkeep;
  const ending = new AbortController();

  engine.connect({
    onRevoke: (tx, run, effects) => executor.revoke(tx, run, effects),
    onDue: (runId, event) => due.happen(runId, event),
    onAsked: () => decisionExpirer.setAlarm(),
    onEnded: (run) => {
      watches.restWhenIdle();
      if (run.workerId !== scopeWorker(run)) supervisor.release(run.workerId);
      else if (!executor.hasWork(run.workerId)) supervisor.idle(run.workerId);
      if (executor.hasQueued && !ending.signal.aborted) due.admit();
    },
  });
  supervisor.connect({
    onReady: (tx, workerId, ready) => rescuer.workerReady(tx, workerId, ready),
    onLost: (tx, workerId, reason) => {
      rescuer.workerLost(tx, workerId, reason);
      tx.afterCommit(() => cleanUpAfter(workerId));
    },
    onGivenUp: (tx, workerId, reason) => executor.giveUp(tx, workerId, reason),
    onChange: (tx, worker) =>
      events.append(tx, {
        type: `worker.${worker.status}`,
        workerId: worker.workerId,
        data: { pid: worker.pid, restarts: worker.restarts, error: worker.error },
      }),
    onGone: (workerId, instance) => transport.drop(workerId, instance),
    hasWork: (workerId) => executor.hasWork(workerId),
    onOutput: (workerId, line) => workerOutput.add(workerId, line),
    running: (workerId) => executor.runningOn(workerId),
  });
  transport.connect({
    onEvent: receptionOf({ supervisor, results, transport }),
    onHeard: (member) => supervisor.heard(member),
    onAway: (member) => supervisor.workerAway(member),
    onCutOff: (member) => supervisor.workerCutOff(member),
  });

  function isHere({ runId }: { readonly runId: string }): boolean {
    return handovers.elsewhere(runId) === undefined;
  }

  const node: Node = {
    config,
    db,
    tokens: new TokenStore(db, config.node_id),
    sessions: new SessionStore(db),
    audit,
    refusals: new Refusals(db, audit),
    secrets: new SecretStore(db, secretKeyPath(config.data_dir)),
    events,
    logs,
    specs,
    runs,
    decisions,
    debts,
    engine,
    executor,
    machine: options.machine ?? MachineMeans.none("the node has not started"),
    supervisor,
    policies,
    policyReload: new PolicyReload({
      db,
      events,
      policies,
      source: config.source,
      workerScopes: () => supervisor.list().map(({ scope }) => scope),
      onLoaded: () => transport.sendSecrets(),
      report,
    }),
    workerHistory,
    transport,
    skills,
    idempotency: new Idempotency(db),
    handovers,
    elsewhere: (runId) => handovers.elsewhere(runId),
    beginRun,
    ...upkeep,
    report,
    address: { host: config.host, port: config.port },
    isReady: false,
    ending: ending.signal,
    async start(): Promise<void> {
      node.machine = options.machine ?? await MachineMeans.open(config);
      for (const { workerId, scope } of supervisor.known()) transport.place(workerId, scope);
      supervisor.restore();
      await node.machine.sweep(workersThatLive());
      await sweepTemp(temp, workersThatLive());
      await expirer.runOnce();
      await db.write((tx) =>
        engine.transact(tx, () => executor.takeUp(tx, engine.restoreAll().filter(isHere)))
      );
      await decisionExpirer.runOnce({ missed: true });
      transport.start(nodeSocketPath(config.data_dir));
      workers.start();
      // Workers that outlived their node may be carrying something out.
      if (supervisor.list().length > 0) watches.wake();
      node.isReady = true;
      await schedules.start();
      pruner.start();
      logPruner.start();
    },
    async stop(): Promise<void> {
      node.isReady = false;
      ending.abort();
      schedules.stop();
      pruner.stop();
      alarms.stop();
      watches.stop();
      await supervisor.stopAll();
      await node.machine.close(workersThatLive());
      await transport.stop();
      await logPruner.stop();
      db.close();
      lock.release();
    },
  };
  node.policyReload.onPolicyChange = (keys) => {
    supervisor.refresh(({ scope }) => keys.includes(scopeKey(scope)));
  };
  return node;
}

/** The worker that a run's scope has, as far as it isn't the run's own. */
function scopeWorker(run: { machine: { spec: { scope: WorkerPlace["scope"] } } }): string {
  return workerIdOf(run.machine.spec.scope);
}
