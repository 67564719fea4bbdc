/**
 * A worker that does what a test tells it: it speaks the real protocol over a real socket, and
 * a process of its own (that only sleeps) stands for the worker's.
 */
import { FrameSocket } from "../../lib/matrix/frame_socket.ts";
import type { Node } from "../../lib/node.ts";
import { type NodeFrame, type WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import type { AttemptRef, TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";
import type { LogLine } from "../../lib/schema/log_chunk.ts";
import { parseScopeText } from "../../lib/schema/scope.ts";
import { within } from "./deadline.ts";
import { packLines } from "./pack_lines.ts";

/** How an attempt ended, as a test says it. */
export type ResultParts = Partial<Omit<TaskResult, keyof AttemptRef>>;

export interface FakeWorkerOptions {
  /** A name other than the scope's own. */
  readonly workerId?: string;
}

/** Connects a worker for a scope such as "global", "project:abc". Dispose of it at the end. */
export async function fakeWorker(
  node: Node,
  scopeText: string,
  options: FakeWorkerOptions = {},
): Promise<FakeWorker> {
  const scope = parseScopeText(scopeText);
  if (scope === undefined) throw new Error(`"${scopeText}" is not a scope`);
  const { bootstrap } = node.supervisor.admit({ scope, ...options });
  const worker = new FakeWorker(bootstrap);
  await worker.connect();
  return worker;
}

export class FakeWorker implements AsyncDisposable {
  readonly bootstrap: WorkerBootstrap;
  /** What it was given and has not yet taken with {@linkcode take}. */
  readonly #tasks: TaskDispatch[] = [];
  /** Attempts that it holds, as `ready` tells them. */
  readonly held = new Map<string, AttemptRef>();
  /** Leases that it was told to drop. */
  readonly cancelled: string[] = [];
  /** Every frame that came, in order. */
  readonly frames: NodeFrame[] = [];
  readonly #process: Deno.ChildProcess;
  #socket: FrameSocket | undefined;
  #txn = 0;
  #wake = Promise.withResolvers<void>();

  constructor(bootstrap: WorkerBootstrap) {
    this.bootstrap = bootstrap;
    this.#process = new Deno.Command("sleep", {
      args: ["600"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    // As of a real worker, the connection goes with the process.
    void this.#process.status.then(() => this.#socket?.close());
  }

  get id(): string {
    return this.bootstrap.worker_id;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Opens the connection and says that it is ready, holding what it is said to hold. */
  async connect(): Promise<void> {
    await this.open();
    this.send("io.cis.worker.ready", {
      worker_id: this.id,
      instance: this.bootstrap.instance,
      pid: this.pid,
      active: [...this.held.values()],
    });
    await this.settled();
  }

  /** Opens the connection and says who it is, no more. */
  async open(secret: string = this.bootstrap.secret): Promise<void> {
    const before = this.frames.length;
    const conn = await Deno.connect({ transport: "unix", path: this.bootstrap.socket });
    this.#socket = new FrameSocket(conn, {
      onFrame: (text) => this.#receive(JSON.parse(text) as NodeFrame),
      onClose: () => {
        this.#socket = undefined;
        this.#changed();
      },
    });
    this.sendRaw(JSON.stringify({ op: "hello", worker_id: this.id, secret }));
    await this.until(() =>
      this.isClosed ||
      this.frames.slice(before).some(({ op }) => op === "welcome" || op === "refused")
    );
  }

  /** Whether the connection is gone, whoever ended it. */
  get isClosed(): boolean {
    return this.#socket === undefined;
  }

  /** Ends the connection; the process stays. */
  async disconnect(): Promise<void> {
    this.#socket?.close();
    await this.until(() => this.isClosed);
  }

  /** Ends the process, and with it the connection. */
  async kill(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await this.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** Sends an event. @returns its number, under which the node will answer */
  send(type: string, content: object, txn: number = ++this.#txn): number {
    this.sendRaw(JSON.stringify({ op: "send", txn, type, content: { v: 1, ...content } }));
    return txn;
  }

  /** Sends a text as a frame. */
  sendRaw(text: string): void {
    this.#socket?.send(text);
  }

  /** Waits until the node has answered everything that was sent so far. */
  async settled(txn: number = this.#txn): Promise<void> {
    await this.until(() =>
      this.isClosed || this.frames.some((frame) => frame.op === "sent" && frame.txn === txn)
    );
  }

  /** The next task that the node has handed over. */
  async take(): Promise<TaskDispatch> {
    await this.until(() => this.#tasks.length > 0);
    const task = this.#tasks.shift();
    if (task === undefined) throw new Error("no task, although there was one");
    this.held.set(task.lease, refOf(task));
    return task;
  }

  /** How many tasks it was given and hasn't taken. */
  get waiting(): number {
    return this.#tasks.length;
  }

  /** Settles when all has arrived that the node has sent so far: it answers in order. */
  async sync(): Promise<void> {
    const beat = { active_tasks: this.held.size, rss: 1 };
    await this.settled(this.send("io.cis.worker.heartbeat", beat));
  }

  /** All tasks that the node has handed over so far, in order. */
  async takeAll(): Promise<TaskDispatch[]> {
    await this.sync();
    const tasks: TaskDispatch[] = [];
    while (this.waiting > 0) tasks.push(await this.take());
    return tasks;
  }

  /** Tells how an attempt ended; "completed" unless said otherwise. Waits until that is durable. */
  async finish(task: AttemptRef, parts: ResultParts = {}): Promise<void> {
    this.held.delete(task.lease);
    this.report([task], parts);
    await this.settled();
  }

  /** Tells how attempts ended, all alike. @returns the number of the event */
  report(tasks: readonly AttemptRef[], parts: ResultParts = {}): number {
    const results = tasks.map((task) => ({
      ...refOf(task),
      ...COMPLETED,
      ...timesNow(),
      ...parts,
    }));
    return this.send("io.cis.task.result", { results });
  }

  /** Tells that an attempt failed by itself. */
  fail(task: AttemptRef, message: string): Promise<void> {
    return this.finish(task, {
      status: "failed",
      exit_code: 1,
      error: { code: "exit_code", message },
    });
  }

  /** Sends lines of an attempt's output. Waits until they are kept. */
  async log(task: AttemptRef, lines: readonly LogLine[]): Promise<void> {
    const logs = packLines(lines).map((stretch) => ({ ...refOf(task), ...stretch }));
    this.send("io.cis.task.log", { logs });
    await this.settled();
  }

  /** Waits until something is true, looking after each frame that comes. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await within(this.#wake.promise, `worker ${this.id}, waiting for ${isTrue}`);
  }

  #receive(frame: NodeFrame): void {
    this.frames.push(frame);
    for (const { type, content } of frame.op === "events" ? frame.events : []) {
      const { tasks } = content as unknown as { tasks: TaskDispatch[] };
      if (type === "io.cis.task.dispatch") this.#tasks.push(...tasks);
      if (type === "io.cis.task.cancel") this.cancelled.push(...tasks.map(({ lease }) => lease));
    }
    this.#changed();
  }

  #changed(): void {
    const before = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    before.resolve();
  }
}

/** How an attempt ends unless a test says otherwise. */
export const COMPLETED = { status: "completed", exit_code: 0, outputs: null, error: null } as const;

/** Times of an attempt that has just ended. */
export function timesNow(): { started_at: number; finished_at: number } {
  const now = Date.now();
  return { started_at: now, finished_at: now };
}

/** The part of a task message that says which attempt it is about. */
export function refOf({ run_id, task_id, attempt, lease }: AttemptRef): AttemptRef {
  return { run_id, task_id, attempt, lease };
}
