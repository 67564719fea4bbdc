/**
 * One life of a simulated node: the real scheduler and stores, put together as lib/node.ts does it,
 * with virtual time, workers and frames, on a disk that outlives it.
 */
import { Database, type Tx } from "../../lib/db/database.ts";
import { Idempotency } from "../../lib/idempotency.ts";
import { HomeserverOutbox } from "../../lib/matrix/homeserver_outbox.ts";
import { RoomLog } from "../../lib/matrix/room_log.ts";
import { RoomTaskChannel } from "../../lib/matrix/task_channel.ts";
import type { Transport } from "../../lib/matrix/transport.ts";
import type { ReadyContent, ResultContent } from "../../lib/schema/room_events.ts";
import { roomId, workerId } from "../../lib/schema/scope.ts";
import { Alarms } from "../../lib/scheduler/alarms.ts";
import type { BeginRun } from "../../lib/scheduler/confirm.ts";
import { DebtStore } from "../../lib/scheduler/debt_store.ts";
import { DecisionExpirer } from "../../lib/scheduler/decision_expirer.ts";
import { DecisionStore } from "../../lib/scheduler/decision_store.ts";
import { DueWork } from "../../lib/scheduler/due_work.ts";
import { Engine } from "../../lib/scheduler/engine.ts";
import { EventLog } from "../../lib/scheduler/event_log.ts";
import { Expirer } from "../../lib/scheduler/expirer.ts";
import { HandoverStore } from "../../lib/scheduler/handover_store.ts";
import { LocalExecutor } from "../../lib/scheduler/local_executor.ts";
import { LogStore } from "../../lib/scheduler/log_store.ts";
import { Rescuer } from "../../lib/scheduler/rescuer.ts";
import { Results } from "../../lib/scheduler/results.ts";
import { RunStore } from "../../lib/scheduler/run_store.ts";
import { ScheduleStore } from "../../lib/scheduler/schedule_store.ts";
import { Schedules } from "../../lib/scheduler/schedules.ts";
import { SpecStore } from "../../lib/scheduler/spec_store.ts";
import { TaskTimes } from "../../lib/scheduler/task_times.ts";
import { DAG_EXECUTE, DagExecutorSkill } from "../../lib/skill/dag_executor.ts";
import { WorkerStore } from "../../lib/worker/worker_store.ts";
import type { FaultyConnection } from "./faulty_connection.ts";
import type { Frame } from "./network.ts";
import { SimPool } from "./sim_pool.ts";
import type { SimWorker } from "./sim_worker.ts";
import type { World } from "./world.ts";

/** As systemTimer has it: longer sleeps are taken in parts, so that a clock that was set is seen. */
const LONGEST_SLEEP_MS = 60_000;
/** How long a question waits whose level doesn't say. */
const DECISION_EXPIRE_MS = 30_000;

export class SimNode {
  readonly id = "node1";
  readonly db: Database;
  readonly events: EventLog;
  readonly specs: SpecStore;
  readonly runs: RunStore;
  readonly times: TaskTimes;
  readonly decisions: DecisionStore;
  readonly debts: DebtStore;
  readonly engine: Engine;
  readonly executor: LocalExecutor;
  readonly rescuer: Rescuer;
  readonly schedules: Schedules;
  readonly expirer: Expirer;
  readonly idempotency: Idempotency;
  readonly workers: WorkerStore;
  readonly pool: SimPool;
  readonly beginRun: BeginRun;
  /** Nothing of these simulations is for another node. */
  readonly elsewhere = (): undefined => undefined;
  /** Whether workers can connect. */
  listens = false;
  /** Whether it takes what people ask for. */
  isReady = false;
  readonly #world: World;
  readonly #connection: FaultyConnection;
  readonly #decisionExpirer: DecisionExpirer;
  readonly #results: Results;
  readonly #rooms: RoomLog;

  constructor(world: World, connection: FaultyConnection) {
    this.#world = world;
    this.#connection = connection;
    const { time, chance, plan } = world;
    const whileAlive = (work: () => void) => (): void => {
      if (!connection.isDead) work();
    };
    const report = (line: string): void => world.trace(() => `the node reports: ${line}`);
    const db = new Database(":memory:", {
      now: () => time.now(),
      connect: () => connection.connect(),
      afterTurn: (flush) => void time.after(chance.span(0.05, 3), whileAlive(flush)),
      onEffectError: (error) => world.broken(error),
    });
    const alarms = new Alarms({
      now: () => time.now(),
      after: (ms, fire) => time.after(Math.min(ms, LONGEST_SLEEP_MS), whileAlive(fire)),
    });
    this.db = db;
    const events = this.events = new EventLog(db);
    const specs = this.specs = new SpecStore(db);
    const runs = this.runs = new RunStore(db);
    const decisions = this.decisions = new DecisionStore(db);
    const debts = this.debts = new DebtStore(db);
    const times = this.times = new TaskTimes(db);
    const engine = this.engine = new Engine({
      ...{ db, runs, specs, events, alarms, decisions, debts, times },
      decisionExpireMs: DECISION_EXPIRE_MS,
    });
    this.workers = new WorkerStore(db);
    this.pool = new SimPool(world, this);
    this.idempotency = new Idempotency(db);
    this.#rooms = new RoomLog(db);
    const channel = new RoomTaskChannel(this.#transport(), this.id);
    const executor = this.executor = new LocalExecutor({
      ...{ engine, runs, channel },
      pool: this.pool,
      grants: world.grants,
      bounds: plan.bounds,
    });
    this.rescuer = new Rescuer({ engine, executor, runs, channel });
    this.#results = new Results({
      ...{ engine, executor, runs },
      logs: new LogStore(db),
      random: chance.real,
    });
    const skill = new DagExecutorSkill({
      ...{ engine, executor, specs, runs, debts },
      handovers: new HandoverStore(db),
      nodeId: this.id,
      outbox: new HomeserverOutbox(db),
      wayTo: () => undefined,
    });
    const beginRun: BeginRun = (tx, order) =>
      skill.handleEvent(tx, { name: DAG_EXECUTE, data: order });
    this.beginRun = beginRun;
    const parts = { db, specs, events, decisions, executor, alarms, beginRun, report };
    this.schedules = new Schedules({ ...parts, schedules: new ScheduleStore(db) });
    this.expirer = new Expirer(parts);
    this.#decisionExpirer = new DecisionExpirer(parts);
    this.#connect(new DueWork(parts));
  }

  get isDead(): boolean {
    return this.#connection.isDead;
  }

  /** Takes up what an earlier life left. */
  async start(): Promise<void> {
    const { db, engine, executor } = this;
    this.pool.restore();
    await this.expirer.runOnce();
    await db.write((tx) => engine.transact(tx, () => executor.takeUp(tx, engine.restoreAll())));
    await this.#decisionExpirer.runOnce({ missed: true });
    this.listens = true;
    this.isReady = true;
    await this.schedules.start();
  }

  /** A worker says something. Settles when that is kept. */
  receive(from: SimWorker, frame: Frame): Promise<void> {
    return this.db.write((tx) => {
      if (this.#world.plan.messages.numbered && !this.#isNew(tx, from, frame)) return;
      if (frame.type === "io.cis.worker.ready") {
        this.pool.workerReady(tx, from, frame.content as ReadyContent);
      } else if (frame.type === "io.cis.worker.shutdown") {
        tx.afterCommit(() => this.pool.workerLeaving(from));
      } else {
        const content = frame.content as ResultContent;
        this.#world.witness.received(content, () => this.#results.accept(tx, from.id, content));
      }
    });
  }

  #isNew(tx: Tx, from: SimWorker, { txn, type }: Frame): boolean {
    return this.#rooms.append(tx, {
      roomId: roomId(from.id, this.id),
      sender: `@${from.id}:${this.id}`,
      txn: `${from.instance}/${txn}`,
      type,
      content: "{}",
    }) !== undefined;
  }

  #transport(): Transport {
    let sent = 0;
    return {
      send: (tx, event) => {
        const txn = `${this.#world.lives}/${++sent}`;
        this.#rooms.append(tx, { ...event, sender: "@node", txn });
        const to = event.roomId.slice(1, event.roomId.lastIndexOf(":"));
        tx.afterCommit(() => this.#world.network.toWorker(to, event));
      },
      connect: () => {},
      stop: () => Promise.resolve(),
    };
  }

  #connect(due: DueWork): void {
    const { engine, executor, pool } = this;
    engine.connect({
      onRevoke: (tx, run, effects) => executor.revoke(tx, run, effects),
      onDue: (runId, event) => due.happen(runId, event),
      onAsked: () => this.#decisionExpirer.setAlarm(),
      onEnded: (run) => {
        if (run.workerId !== workerId(run.machine.spec.scope)) pool.release(run.workerId);
        else if (!executor.hasWork(run.workerId)) pool.idle(run.workerId);
        if (executor.hasQueued) due.admit();
      },
    });
  }
}
