/**
 * A worker that does what a test tells it: it speaks the real protocol over a real socket.
 */
import { FrameSocket } from "../../lib/matrix/frame_socket.ts";
import type { Node } from "../../lib/node.ts";
import { type NodeFrame, type WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import type { TaskDispatch } from "../../lib/schema/room_events.ts";
import { parseScopeText } from "../../lib/schema/scope.ts";
import { within } from "./deadline.ts";
import { PretendedWorker, refOf } from "./pretended_worker.ts";

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

export class FakeWorker extends PretendedWorker implements AsyncDisposable {
  readonly bootstrap: WorkerBootstrap;
  /** Every frame that came, in order. */
  readonly frames: NodeFrame[] = [];
  #socket: FrameSocket | undefined;
  #txn = 0;
  #wake = Promise.withResolvers<void>();

  constructor(bootstrap: WorkerBootstrap) {
    super();
    this.bootstrap = bootstrap;
    // As of a real worker, the connection goes with the process.
    void this.processEnded.then(() => this.#socket?.close());
  }

  get id(): string {
    return this.bootstrap.worker_id;
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
    await this.killProcess();
    await this.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** Sends an event. @returns its number, under which the node will answer */
  override send(type: string, content: object, txn: number = ++this.#txn): number {
    this.sendRaw(JSON.stringify({ op: "send", txn, type, content: { v: 1, ...content } }));
    return txn;
  }

  /** Sends a text as a frame. */
  sendRaw(text: string): void {
    this.#socket?.send(text);
  }

  /** Waits until the node has answered everything that was sent so far. */
  override async settled(txn: number = this.#txn): Promise<void> {
    await this.until(() =>
      this.isClosed || this.frames.some((frame) => frame.op === "sent" && frame.txn === txn)
    );
  }

  /** The next task that the node has handed over. */
  override async take(): Promise<TaskDispatch> {
    await this.until(() => this.tasks.length > 0);
    const task = this.tasks.shift();
    if (task === undefined) throw new Error("no task, although there was one");
    this.held.set(task.lease, refOf(task));
    return task;
  }

  /** Settles when all has arrived that the node has sent so far: it answers in order. */
  override async sync(): Promise<void> {
    const beat = { active_tasks: this.held.size, rss: 1 };
    await this.settled(this.send("io.cis.worker.heartbeat", beat));
  }

  /** Waits until something is true, looking after each frame that comes. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await within(this.#wake.promise, `worker ${this.id}, waiting for ${isTrue}`);
  }

  #receive(frame: NodeFrame): void {
    this.frames.push(frame);
    for (const { type, content } of frame.op === "events" ? frame.events : []) {
      this.receive(type, content);
    }
    this.#changed();
  }

  #changed(): void {
    const before = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    before.resolve();
  }
}
