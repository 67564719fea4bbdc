/** What a test has a worker say that is none, whatever the way to its node. */
import type { LogLine } from "../../lib/schema/log_chunk.ts";
import type { AttemptRef, TaskDispatch, TaskResult } from "../../lib/schema/room_events.ts";
import { packLines } from "./pack_lines.ts";

/** How an attempt ended, as a test says it. */
export type ResultParts = Partial<Omit<TaskResult, keyof AttemptRef>>;

export abstract class PretendedWorker {
  /** Attempts that it holds, as `ready` tells them. */
  readonly held = new Map<string, AttemptRef>();
  /** Leases that it was told to drop. */
  readonly cancelled: string[] = [];
  /** What it was given and hasn't taken. */
  protected readonly tasks: TaskDispatch[] = [];
  readonly #process: Deno.ChildProcess;

  constructor() {
    this.#process = new Deno.Command("sleep", {
      args: ["600"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Of the process that stands for the worker's, and only sleeps. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Sends an event. @returns its number */
  abstract send(type: string, content: object, txn?: number): number;
  /** Waits until the node has dealt with what was sent so far. */
  abstract settled(txn?: number): Promise<void>;
  /** The next task that the node has handed over. */
  abstract take(): Promise<TaskDispatch>;
  /** Settles when all has arrived that the node has sent so far. */
  abstract sync(): Promise<void>;

  /** Settles with the end of the process. */
  protected get processEnded(): Promise<unknown> {
    return this.#process.status;
  }

  /** Ends the process. */
  protected async killProcess(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
  }

  /** Takes what the node sent. */
  protected receive(type: string, content: unknown): void {
    const { tasks } = content as { tasks: TaskDispatch[] };
    if (type === "io.cis.task.dispatch") this.tasks.push(...tasks);
    if (type === "io.cis.task.cancel") this.cancelled.push(...tasks.map(({ lease }) => lease));
  }

  /** How many tasks it was given and hasn't taken. */
  get waiting(): number {
    return this.tasks.length;
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
