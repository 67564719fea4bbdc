/** Everything of one seed: time, chance, disk, node, workers and what watches them. */
import type { DagSpec } from "../../lib/schema/dag_spec.ts";
import type { TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";
import type { TaskGrants } from "../../lib/scheduler/task_grants.ts";
import type { MachineSettings } from "../../lib/worker/worker_events.ts";
import { Chance } from "./chance.ts";
import type { Disk } from "./disk.ts";
import { drawDags } from "./draw_dags.ts";
import { FaultyConnection, type FullDisk } from "./faulty_connection.ts";
import { Names } from "./names.ts";
import { Network } from "./network.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { SimNode } from "./sim_node.ts";
import { SimWorker } from "./sim_worker.ts";
import { Story } from "./story.ts";
import { VirtualTime } from "./virtual_time.ts";
import { Witness } from "./witness.ts";

/** Which seed, and how. */
export interface WorldOptions {
  readonly seed: number;
  readonly disk: Disk;
  /** Told a line of what happens. */
  readonly onTrace?: (line: string) => void;
  /** Whether the tasks are in another order in their files. */
  readonly shuffle?: boolean;
}

/** What an attempt comes to. */
interface Outcome {
  readonly status: "completed" | "failed";
  /** Whether its worker doesn't survive it. */
  readonly isDeadly: boolean;
  readonly outputs: TaskResult["outputs"];
  /** Milliseconds. */
  readonly took: number;
}

const WORKER_SETTINGS = {
  readyTimeoutMs: 10_000,
  reconnectGraceMs: 5_000,
  hungAfterMs: 10_000,
  idleExitMs: 15_000,
  stopGraceMs: 3_000,
};
/** How long until a dead node is started again. */
const DOWN_MS = [1, 30_000] as const;

export class World {
  readonly seed: number;
  readonly chance: Chance;
  readonly time = new VirtualTime();
  readonly plan: Plan;
  readonly specs: readonly DagSpec[];
  readonly disk: Disk;
  readonly names = new Names();
  readonly network: Network;
  readonly story: Story;
  readonly witness: Witness;
  /** Worker processes that live, by instance. */
  readonly processes = new Map<string, SimWorker>();
  readonly workerSettings: MachineSettings;
  node: SimNode | undefined;
  /** How many lives the node has had. */
  lives = 0;
  /** What is wrong with the disk now. */
  fullDisk: FullDisk | undefined;
  /** Whether nothing goes wrong any more. */
  isCalm = false;
  /** When something last was wrong that work is put off for. */
  troubledAt = 0;
  /** When the clock was set. */
  jumpedAt = -Infinity;
  /** Tasks that the policy forbids now. */
  readonly forbidden = new Set<string>();
  /** The first thing that went wrong beside the checks. */
  defect: unknown;
  #connection: FaultyConnection | undefined;
  #launched = 0;
  readonly #onTrace: ((line: string) => void) | undefined;

  constructor({ seed, disk, onTrace, shuffle = false }: WorldOptions) {
    this.seed = seed;
    this.disk = disk;
    this.#onTrace = onTrace;
    this.chance = new Chance(seed);
    this.plan = drawPlan(this.chance);
    this.workerSettings = { ...WORKER_SETTINGS, restartLimit: this.plan.restartLimit };
    this.specs = drawDags(this.chance, { seed, count: this.plan.dags, shuffle });
    this.network = new Network(this);
    this.story = new Story(this);
    this.witness = new Witness(this);
  }

  /** What the policy gives to tasks. */
  readonly grants: TaskGrants = {
    forTask: (_spec, { id }) =>
      this.forbidden.has(id) ? { refusal: "the policy forbids it now" } : {
        permissions: { net: [], read: [], write: [], env: [], run: [] },
        walls: "none",
        limits: { memory: null, cpu: null, file_size: null, output: 1024 },
        secrets: [],
        maxTimeoutMs: null,
      },
  };

  /** Writes a line of what happens, if anybody wants to read it. */
  trace(line: () => string): void {
    this.#onTrace?.(
      `${(this.time.elapsed / 1000).toFixed(3).padStart(9)}  ${this.names.in(line())}`,
    );
  }

  /** Something that never should happen has. */
  broken(error: unknown): void {
    if (this.#connection?.isDead !== true) this.defect ??= error;
  }

  /** Starts the node. */
  startNode(): void {
    const connection = new FaultyConnection(this.disk);
    connection.onCommit = () => this.story.hasNews = true;
    connection.fullDisk = () => this.#fault();
    this.#connection = connection;
    this.lives++;
    this.troubledAt = this.time.elapsed;
    this.trace(() => `the node starts, life ${this.lives}`);
    try {
      this.node = new SimNode(this, connection);
    } catch (error) {
      this.trace(() => `the node could not open its database: ${String(error)}`);
      return this.killNode();
    }
    const { node } = this;
    node.start().catch((error) => {
      if (node.isDead) return;
      this.trace(() => `the node could not start: ${String(error)}`);
      this.killNode();
    });
  }

  /** What is wrong with the disk when something is written to it. */
  #fault(): FullDisk | undefined {
    if (this.isCalm || this.fullDisk !== undefined) return this.fullDisk;
    if (!this.chance.happens(this.plan.failedWrites)) return undefined;
    const fault = this.chance.oneOf(["statement", "transaction", "commit"] as const);
    this.trace(() => `a write fails (${fault})`);
    this.troubledAt = this.time.elapsed;
    return fault;
  }

  /** Ends the node without warning, and starts it again some time later. */
  killNode(): void {
    if (this.#connection === undefined) return;
    this.trace(() => "the node dies");
    this.#connection.die();
    this.#connection = undefined;
    this.node = undefined;
    this.network.dropAll();
    this.time.after(this.chance.span(...DOWN_MS), () => this.startNode());
  }

  /** Buries a node that has died at a statement. */
  buryNode(): void {
    if (this.#connection?.isDead === true) this.killNode();
  }

  /** Lets the node die a few statements later. */
  doomNode(): void {
    const lastTakesEffect = this.chance.happens(0.5);
    this.#connection?.dieAfter(Math.ceil(this.chance.span(1, 300)), { lastTakesEffect });
  }

  /** It dies no more, unless it is dying already. */
  spareNode(): void {
    this.#connection?.dieAfter(Infinity, { lastTakesEffect: false });
  }

  /** A worker's process is started. */
  launch(workerId: string): SimWorker {
    const instance = `${workerId} #${++this.#launched}`;
    const worker = new SimWorker(this, { id: workerId, instance });
    this.trace(() => `${worker.name} is started for ${workerId}`);
    this.processes.set(instance, worker);
    return worker;
  }

  /** A worker's process has ended: its node hears of it, if there is one. */
  processEnded(worker: SimWorker, reason: string): void {
    this.processes.delete(worker.instance);
    const { node } = this;
    this.time.after(this.chance.span(1, 200), () => {
      if (node !== undefined && !node.isDead) node.pool.ended(worker, reason);
    });
  }

  /** What an attempt comes to: the same, whatever else has happened before. */
  outcomeOf({ run_id, task_id, attempt, inputs }: TaskDispatch): Outcome {
    const fate = new Chance(hash(`${this.seed} ${task_id}`));
    const isDeadly = fate.happens(this.plan.deadlyTasks);
    const chance = new Chance(hash(`${this.seed} ${this.names.of(run_id)} ${task_id} ${attempt}`));
    const failed = chance.happens(this.plan.failures);
    const took = chance.span(1, this.plan.longestTask);
    const outputs = chance.happens(0.7) ? { of: task_id, attempt, from: inputs } : null;
    return { status: failed ? "failed" : "completed", isDeadly, outputs, took };
  }
}

/** A number from a text (FNV-1a). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}
