/**
 * A worker process as far as its node can tell: it holds attempts from their dispatch until the node
 * has confirmed their result, says what it holds on each connection, and may die at any time.
 */
import type { AttemptRef, TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";
import type { Connection, Frame } from "./network.ts";
import type { World } from "./world.ts";

interface Held {
  readonly ref: AttemptRef;
  /** Ends it with an error; undefined when it doesn't run any more. */
  stop: ((code: string) => void) | undefined;
}

/** How long a worker goes on without a node. */
const ORPHAN_GRACE_MS = 20_000;

export class SimWorker {
  readonly id: string;
  readonly instance: string;
  /** For the trace. */
  readonly name: string;
  readonly #world: World;
  #connection: Connection | undefined;
  #isAlive = true;
  #isEnding = false;
  #txn = 0;
  readonly #outbox = new Map<number, Frame & { readonly lease: string }>();
  readonly #held = new Map<string, Held>();
  #orphaned: () => void = () => {};

  constructor(world: World, place: { readonly id: string; readonly instance: string }) {
    this.#world = world;
    this.id = place.id;
    this.instance = place.instance;
    this.name = world.names.of(place.instance);
    this.#lookForNode(world.chance.span(10, 500));
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** It is gone, with all it held. */
  die(reason: string): void {
    if (!this.#isAlive) return;
    this.#world.trace(() => `${this.name} dies: ${reason}`);
    this.#isAlive = false;
    this.#orphaned();
    this.#world.processEnded(this, reason);
  }

  /** Somebody has told it to end: it gives up what it holds. */
  leave(): void {
    if (!this.#isAlive || this.#isEnding) return;
    this.#world.trace(() => `${this.name} leaves`);
    this.#isEnding = true;
    this.#send("io.cis.worker.shutdown", { v: 1, reason: "it was told to", grace_ms: 1_000 }, "");
    for (const { stop } of this.#held.values()) stop?.("worker_stopped");
    this.#world.time.after(this.#world.chance.span(10, 2_000), () => this.die("it was told to"));
  }

  /** The node takes it in: it says what it holds, and again what the node hasn't confirmed. */
  welcome(connection: Connection): void {
    this.#orphaned();
    this.#connection = connection;
    const active = [...this.#held.values()].map(({ ref }) => ref);
    const ready = { v: 1, worker_id: this.id, instance: this.instance, pid: 1, active };
    this.#world.network.toNode(connection, {
      txn: ++this.#txn,
      type: "io.cis.worker.ready",
      content: ready,
    });
    for (const frame of this.#outbox.values()) this.#world.network.toNode(connection, frame);
  }

  /** The node doesn't want it. */
  refused(): void {
    this.die("the node refused it");
  }

  /** A connection is gone, or could not be made. */
  disconnected(connection?: Connection): void {
    if (!this.#isAlive || (connection !== undefined && connection !== this.#connection)) return;
    if (this.#connection !== undefined) {
      this.#orphaned = this.#world.time.after(ORPHAN_GRACE_MS, () => this.die("it has no node"));
    }
    this.#connection = undefined;
    this.#lookForNode(this.#world.chance.span(30, 500));
  }

  /** Something from the node. */
  receive(type: string, content: { readonly tasks: readonly TaskDispatch[] }): void {
    if (type === "io.cis.task.cancel") {
      for (const task of content.tasks) this.#held.get(task.lease)?.stop?.("cancelled");
    } else if (!this.#isEnding) {
      for (const task of content.tasks) if (!this.#held.has(task.lease)) this.#take(task);
    }
  }

  /** The node has kept what was said under this number. */
  confirmed(txn: number): void {
    const frame = this.#outbox.get(txn);
    if (frame === undefined) return;
    this.#outbox.delete(txn);
    this.#held.delete(frame.lease);
    if (frame.lease !== "") this.#world.witness.confirmed(frame.lease);
  }

  #lookForNode(wait: number): void {
    this.#world.time.after(wait, () => {
      if (this.#isAlive && this.#connection === undefined) this.#world.network.connect(this);
    });
  }

  #take(task: TaskDispatch): void {
    const { run_id, task_id, attempt, lease } = task;
    const held: Held = { ref: { run_id, task_id, attempt, lease }, stop: undefined };
    this.#held.set(lease, held);
    this.#world.witness.dispatched(task);
    const { status, isDeadly, outputs, took } = this.#world.outcomeOf(task);
    const limit = task.timeout_ms ?? Infinity;
    if (task.work.type === "noop") return this.#report(held, { status: "completed" });
    const cancel = this.#world.time.after(Math.min(took, limit), () => {
      if (isDeadly) return this.die(`${task_id} killed it`);
      const end = took > limit
        ? { status: "failed" as const, code: "timeout" }
        : { status, outputs };
      this.#report(held, end);
    });
    held.stop = (code) => {
      cancel();
      held.stop = undefined;
      this.#world.time.after(
        this.#world.chance.span(1, 100),
        () => this.#report(held, { status: "cancelled", code }),
      );
    };
  }

  #report(
    held: Held,
    end: Pick<TaskResult, "status"> & { code?: string; outputs?: TaskResult["outputs"] },
  ): void {
    if (!this.#isAlive) return;
    held.stop = undefined;
    const { status, code = "exit_code", outputs = null } = end;
    const now = this.#world.time.now();
    const result = {
      ...held.ref,
      status,
      exit_code: status === "completed" ? 0 : 1,
      outputs: status === "completed" ? outputs : null,
      error: status === "completed" ? null : { code, message: `${code} at ${held.ref.attempt}` },
      started_at: now,
      finished_at: now,
    };
    this.#world.witness.reported(result);
    this.#send("io.cis.task.result", { v: 1, results: [result] }, held.ref.lease);
  }

  #send(type: string, content: unknown, lease: string): void {
    const frame = { txn: ++this.#txn, type, content, lease };
    this.#outbox.set(frame.txn, frame);
    if (this.#connection !== undefined) this.#world.network.toNode(this.#connection, frame);
  }
}
