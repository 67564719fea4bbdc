/**
 * A worker process: runs the tasks of one scope inside Deno's sandbox. A node starts it as
 * `deno run --no-prompt <--allow-… flags> main.ts --worker-id … --room … --scope … --parent-node …`
 * and writes one JSON line to its stdin (WorkerBootstrap in lib/schema/link_frames.ts), the secret
 * in it. The arguments are for people who look at the process list.
 *
 * Its life:
 *
 * 1. It connects to the node (link.ts), proves who it is, and says `worker.ready` with the attempts
 *    it holds; after a lost connection again, and what the node hasn't confirmed goes out again.
 * 2. Dispatched tasks start at once (executor.ts): shell commands in process groups of their own
 *    (run_shell.ts), `deno` tasks in a Deno process with fewer permissions (run_deno.ts), http
 *    requests in the worker itself (run_http.ts). Output goes out as chunks of lines (log_lines.ts,
 *    log_sender.ts), and an attempt's lines before its result (result_sender.ts).
 * 3. It ends when told to (SIGTERM, SIGINT, SIGHUP or `worker.shutdown`): takes nothing new, lets
 *    tasks finish for a while, stops the rest, reports. A second signal ends it at once.
 *
 * However it ends, what its tasks have started ends with it (process_group.ts).
 *
 * | exit code | |
 * |---|---|
 * | 0 | it was told to end |
 * | 1 | a defect; the stack is on stderr |
 * | 2 | it was started with something it can't use |
 * | 3 | the node refused it |
 * | 4 | no node for longer than `orphan_grace_ms` |
 * | 143 | a second signal while it was ending |
 *
 * It loads no zod and runners only when needed: the time from a person's yes to the first task is
 * mostly the start of this process.
 * @module
 */
import process from "node:process";
import type { WorkerBootstrap } from "../../schema/link_frames.ts";
import type { CancelContent, DispatchContent, ShutdownContent } from "../../schema/room_events.ts";
import type { StopReason } from "./attempt.ts";
import { BootstrapError, readBootstrap } from "./bootstrap.ts";
import { note } from "./diagnostics.ts";
import { Executor } from "./executor.ts";
import { Link } from "./link.ts";
import { LogSender } from "./log_sender.ts";
import { Outbox } from "./outbox.ts";
import { CONTENT_VERSION } from "./pack_content.ts";
import { ResultSender } from "./result_sender.ts";
import { SecretValues } from "./secret_values.ts";
import { Slots } from "./slots.ts";

const EXIT = { done: 0, badStart: 2, refused: 3, orphaned: 4, impatient: 143 } as const;

/** How long tasks may go on after a signal; a node kills after ten seconds. */
const SIGNAL_GRACE_MS = 6_000;
/** How long tasks that were stopped may take to be gone. */
const STOP_MS = 2_500;
/** How long the node may take to confirm the last results. */
const CONFIRM_MS = 1_000;

/** With as many tasks as this that have just begun the machine is busy. */
const CORES = navigator.hardwareConcurrency;

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

class Worker {
  readonly #bootstrap: WorkerBootstrap;
  readonly #outbox = new Outbox();
  readonly #executor: Executor;
  readonly #link: Link;
  readonly #results: ResultSender;
  readonly #secrets: SecretValues;
  readonly #temp: string;
  #isEnding = false;

  constructor(bootstrap: WorkerBootstrap) {
    this.#bootstrap = bootstrap;
    this.#temp = `${bootstrap.temp}/${bootstrap.instance}`;
    this.#secrets = new SecretValues(bootstrap.secrets);
    const logs = new LogSender((content) => this.#link.send("io.cis.task.log", content));
    this.#results = new ResultSender({
      flushLogs: () => logs.flush(),
      send: (content, onSent) => this.#link.send("io.cis.task.result", content, onSent),
    });
    this.#executor = new Executor({
      surroundings: {
        workspace: bootstrap.workspace,
        temp: this.#temp,
        baseEnv: bootstrap.base_env,
        secrets: this.#secrets,
        launch: bootstrap.launch,
        slots: new Slots(bootstrap.launch.groups),
        room: () => this.#outbox.room(),
      },
      onOutput: (attempt, block) => logs.add(attempt, block),
      onResult: (result, onSent) => {
        // A `noop` has no exit code, and takes no time: what it is followed by must not wait.
        const canWait = result.exit_code !== null && this.#executor.young >= CORES;
        this.#results.add(result, { onSent, canWait });
      },
    });
    this.#link = new Link(bootstrap, this.#outbox, {
      ready: (which) => this.#readyContent(which),
      onEvent: (type, content) => this.#handle(type, content),
      onSecrets: (secrets) => this.#secrets.replace(secrets),
      onRefused: (reason) => {
        note(`the node refused this worker: ${reason}`);
        this.#exit(EXIT.refused);
      },
      onOrphaned: () => void this.#orphaned(),
    });
  }

  start(): void {
    Deno.mkdirSync(this.#bootstrap.workspace, { recursive: true });
    Deno.mkdirSync(this.#temp, { recursive: true, mode: 0o700 });
    for (const signal of SIGNALS) {
      Deno.addSignalListener(signal, () => {
        if (this.#isEnding) this.#exit(EXIT.impatient);
        void this.#end(`it got ${signal}`, SIGNAL_GRACE_MS);
      });
    }
    setInterval(() => this.#beat(), this.#bootstrap.heartbeat_ms);
    this.#link.open();
    void removeEarlierLives(this.#bootstrap);
  }

  #readyContent(which: "held" | "running"): string {
    const { worker_id, instance } = this.#bootstrap;
    const active = this.#executor.attempts(which);
    return JSON.stringify({ v: CONTENT_VERSION, worker_id, instance, pid: Deno.pid, active });
  }

  #beat(): void {
    const { rss } = Deno.memoryUsage();
    const { user, system } = process.cpuUsage();
    const cpu_ms = Math.round((user + system) / 1000);
    const content = { v: CONTENT_VERSION, active_tasks: this.#executor.running, rss, cpu_ms };
    this.#link.sendNow("io.cis.worker.heartbeat", JSON.stringify(content));
  }

  /** @returns false when the event is not taken */
  #handle(type: string, content: unknown): boolean {
    if (!isContent(type, content)) {
      note(`the node sent an event "${type}" of an unknown shape; ignored`);
      return true;
    }
    switch (type) {
      case "io.cis.task.dispatch":
        if (this.#isEnding) return false;
        this.#executor.dispatch(content as DispatchContent);
        return true;
      case "io.cis.task.cancel":
        this.#executor.cancel(content as CancelContent);
        return true;
      case "io.cis.worker.shutdown": {
        const { reason = "its node said so", grace_ms = SIGNAL_GRACE_MS } = content as Partial<
          ShutdownContent
        >;
        if (!this.#isEnding) void this.#end(reason, grace_ms);
        return true;
      }
      default:
        return true;
    }
  }

  /** Ends in good order. */
  async #end(reason: string, graceMs: number): Promise<void> {
    this.#isEnding = true;
    note(`ending since ${reason}; ${this.#executor.running} tasks run`);
    const content = { v: CONTENT_VERSION, reason, grace_ms: graceMs };
    this.#link.send("io.cis.worker.shutdown", JSON.stringify(content));
    await within(graceMs, this.#executor.idle());
    await this.#stopTasks(`the worker ended: ${reason}`);
    await within(CONFIRM_MS, this.#outbox.empty());
    this.#exit(EXIT.done);
  }

  async #orphaned(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    note(`no node for ${this.#bootstrap.orphan_grace_ms} ms; ending`);
    await this.#stopTasks("the worker had no node any more");
    this.#exit(EXIT.orphaned);
  }

  async #stopTasks(message: string): Promise<void> {
    const reason: StopReason = { code: "worker_stopped", message };
    this.#executor.stopAll(reason);
    await within(STOP_MS, this.#executor.idle());
    // The results of what has just ended come by a microtask.
    await Promise.resolve();
    this.#results.flush();
  }

  #exit(code: number): never {
    this.#link.close();
    try {
      Deno.removeSync(this.#temp, { recursive: true });
    } catch {
      // Something still writes to it, or it was never made.
    }
    Deno.exit(code);
  }
}

/** Settles with a promise, or when the time is over. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, over]);
  clearTimeout(timer);
}

/** Removes what lives of this worker that were killed have left in its temporary directory. */
async function removeEarlierLives({ temp, instance }: WorkerBootstrap): Promise<void> {
  try {
    for (const { name } of Deno.readDirSync(temp)) {
      if (name !== instance) await Deno.remove(`${temp}/${name}`, { recursive: true });
    }
  } catch (error) {
    note(`files of an earlier life stay in ${temp}: ${String(error)}`);
  }
}

/** Lists of tasks are lists; the tasks themselves are looked at where they are used. */
function isContent(type: string, content: unknown): content is Record<string, unknown> {
  if (typeof content !== "object" || content === null) return false;
  const { v, tasks } = content as Record<string, unknown>;
  const isAboutTasks = type === "io.cis.task.dispatch" || type === "io.cis.task.cancel";
  return v === CONTENT_VERSION && (!isAboutTasks || Array.isArray(tasks));
}

if (import.meta.main) {
  try {
    new Worker(await readBootstrap(Deno.args)).start();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    note(error.message);
    Deno.exit(EXIT.badStart);
  }
}
