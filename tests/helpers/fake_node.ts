/** A node as far as a worker process sees it: the transport's socket, under a test's control. */
import { join } from "node:path";
import { FrameSocket } from "../../lib/matrix/frame_socket.ts";
import { listenAt } from "../../lib/matrix/node_socket.ts";
import { type LogLine, unpackLines } from "../../lib/schema/log_chunk.ts";
import type { WorkerFrame } from "../../lib/schema/link_frames.ts";
import type {
  AttemptRef,
  LogContent,
  ReadyContent,
  TaskDispatch,
  TaskResult,
  TaskWork,
} from "../../lib/schema/room_events.ts";

export const ROOM = "!worker-project-abc:node1";
const DEADLINE_MS = 15_000;

type SendFrame = Extract<WorkerFrame, { op: "send" }>;

/** What a test may leave out of a task. */
export type TaskOptions = Partial<Omit<TaskDispatch, "work">>;

/** A task to dispatch. */
export function task(work: TaskWork, options: TaskOptions = {}): TaskDispatch {
  return {
    run_id: "run-1",
    task_id: "task",
    attempt: 1,
    lease: crypto.randomUUID(),
    dag_id: "dag-1",
    env: {},
    inputs: {},
    timeout_ms: null,
    permissions: { net: [], read: [], write: [], env: true, run: [] },
    walls: "none",
    limits: { memory: null, cpu: null, file_size: null, output: 10 * 1024 * 1024 },
    secrets: [],
    ...options,
    work,
  };
}

/** A shell task to dispatch. */
export function shell(command: string, options: TaskOptions = {}): TaskDispatch {
  return task({ type: "shell", command }, options);
}

/** The reference in a task, result or other message. */
export function refOf({ run_id, task_id, attempt, lease }: AttemptRef): AttemptRef {
  return { run_id, task_id, attempt, lease };
}

export class FakeNode implements AsyncDisposable {
  /** Frames of all connections, as they came. */
  readonly frames: WorkerFrame[] = [];
  /** Answer to the next hello; undefined: welcome. */
  refusal: { code: string; message: string } | undefined;
  /** Whether it confirms what it is sent. */
  confirms = true;
  /** Whether it takes connections. */
  isUp = true;
  /** Number of hellos it welcomed. */
  welcomes = 0;
  /** Number of connections it didn't take. */
  refusedConnections = 0;
  /** The socket file at which it listens. */
  readonly socket: string;
  readonly #directory: string;
  readonly #listener: Deno.UnixListener;
  #link: FrameSocket | undefined;
  #conn: Deno.Conn | undefined;
  #seq = 0;
  #changed = Promise.withResolvers<void>();

  constructor() {
    this.#directory = Deno.makeTempDirSync({ prefix: "cis-fake-node-" });
    this.socket = join(this.#directory, "node.sock");
    this.#listener = listenAt(this.socket);
    void this.#accept();
  }

  /** Sends events to the worker, numbered on. */
  send(...events: readonly { type: string; content: unknown }[]): void {
    const numbered = events.map((event) => ({ seq: ++this.#seq, ...event }));
    this.sendFrame({ op: "events", events: numbered });
  }

  dispatch(...tasks: readonly TaskDispatch[]): void {
    this.send({ type: "io.cis.task.dispatch", content: { v: 1, tasks } });
  }

  cancel(...tasks: readonly AttemptRef[]): void {
    const content = { v: 1, tasks: tasks.map(refOf), reason: "somebody said so" };
    this.send({ type: "io.cis.task.cancel", content });
  }

  sendFrame(frame: unknown): void {
    this.sendText(JSON.stringify(frame));
  }

  /** Sends a text as a frame. */
  sendText(text: string): void {
    if (this.#link === undefined) throw new Error("no worker is connected");
    this.#link.send(text);
  }

  /** Sends bytes that need not be text, as a frame. */
  async sendBytes(bytes: readonly number[]): Promise<void> {
    if (this.#conn === undefined) throw new Error("no worker is connected");
    await this.#conn.write(Uint8Array.from([...bytes, 10]));
  }

  /** Ends the connection, once what was sent before is out. */
  drop(): void {
    this.#link?.end();
    this.#link = undefined;
  }

  /** Contents of what was sent of a type, in order. */
  sent<C>(type: string): C[] {
    return this.sendFrames(type).map((frame) => frame.content as C);
  }

  sendFrames(type?: string): SendFrame[] {
    return this.frames.filter((frame): frame is SendFrame =>
      frame.op === "send" && (type === undefined || frame.type === type)
    );
  }

  get results(): TaskResult[] {
    return this.sent<{ results: TaskResult[] }>("io.cis.task.result").flatMap((c) => c.results);
  }

  /** Log lines of an attempt, or of all of them. */
  lines(ref?: AttemptRef): LogLine[] {
    return this.sent<LogContent>("io.cis.task.log")
      .flatMap((content) => content.logs)
      .filter((log) => ref === undefined || log.lease === ref.lease)
      .flatMap((log) => [...unpackLines(log)]);
  }

  get ready(): ReadyContent[] {
    return this.sent<ReadyContent>("io.cis.worker.ready");
  }

  /** Waits until something is so. Looks again after every frame. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => deadline.reject(new Error(`not within ${DEADLINE_MS} ms: ${what}`)),
      DEADLINE_MS,
    );
    try {
      while (!isSo()) await Promise.race([this.#changed.promise, deadline.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for the result of an attempt. */
  async result(ref: AttemptRef): Promise<TaskResult> {
    const find = (): TaskResult | undefined => this.results.find((r) => r.lease === ref.lease);
    await this.until(`a result of ${ref.task_id}`, () => find() !== undefined);
    return find() as TaskResult;
  }

  /** Dispatches a task and waits for its result. */
  async run(dispatch: TaskDispatch): Promise<TaskResult> {
    this.dispatch(dispatch);
    return await this.result(dispatch);
  }

  /** Waits for as many `ready` as given. */
  async isReady(times = 1): Promise<void> {
    await this.until(`ready for the ${times}. time`, () => this.ready.length >= times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isUp = false;
    this.drop();
    this.#listener.close();
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      if (!this.isUp) {
        this.refusedConnections++;
        this.#wake();
        conn.close();
        continue;
      }
      this.#conn = conn;
      const link: FrameSocket = new FrameSocket(conn, {
        onFrame: (text) => this.#receive(link, JSON.parse(text)),
        onClose: () => {
          if (this.#link === link) this.#link = undefined;
          this.#wake();
        },
      });
    }
  }

  #receive(link: FrameSocket, frame: WorkerFrame): void {
    this.frames.push(frame);
    if (frame.op === "hello") this.#greet(link);
    if (frame.op === "send" && frame.txn > 0 && this.confirms) {
      link.send(JSON.stringify({ op: "sent", txn: frame.txn }));
    }
    this.#wake();
  }

  #greet(link: FrameSocket): void {
    if (this.refusal !== undefined) {
      link.send(JSON.stringify({ op: "refused", ...this.refusal }));
      return;
    }
    this.#link = link;
    this.welcomes++;
    link.send(JSON.stringify({ op: "welcome", node_id: "node1", room_id: ROOM }));
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
