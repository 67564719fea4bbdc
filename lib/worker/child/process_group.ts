/**
 * Processes that tasks start, each with a process group of its own, so that all it has started can
 * be signalled with it. The only caller of Deno.Command within a worker.
 *
 * Signals to groups go through a helper, the reaper: a shell that lives as long as the worker.
 * Deno.kill would need the right to run anything at all, and the reaper can do one thing more: when
 * the worker itself is killed, its end of the pipe closes, and the reaper kills what was left.
 */
import { SESSION_LEADER } from "../session_leader.ts";
import { note } from "./diagnostics.ts";
import { whyNoDirectory } from "./working_directory.ts";

/** What to start. */
export interface GroupOrder {
  /** Absolute path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute directory. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the process reads from stdin; without it, stdin is empty. */
  readonly input?: string;
}

/** A process that was started, and its group. */
export interface ProcessGroup {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Settles when the process itself has ended; others of its group may live on. */
  readonly exited: Promise<{ readonly code: number; readonly signal: string | null }>;
  /** Signals every process of the group. */
  signal(name: "SIGTERM" | "SIGKILL"): void;
  /** Kills what is left of the group, after `exited`. */
  end(): void;
}

const SHELL = "/bin/sh";

/**
 * Reads `VERB pid pid…` lines. LIVE: remember the group. END: kill its rest and forget it. A signal:
 * send it, to the process alone as long as it has no group yet. At the end of the input, kill all.
 */
const REAPER = `trap "" HUP INT TERM
live=" "
while read -r verb pids; do
  for pid in $pids; do
    case $verb in
      LIVE) live="$live$pid " ;;
      END)
        kill -s KILL -- "-$pid"
        case $live in *" $pid "*) live="\${live%% $pid *} \${live#* $pid }" ;; esac ;;
      *) kill -s "$verb" -- "-$pid" || kill -s "$verb" "$pid" ;;
    esac
  done
done
for pid in $live; do kill -s KILL -- "-$pid"; done`;

/** What may be run is settled when the process starts; it is asked for once. */
const mayRun = new Map<string, boolean>();
let leaderIsMissing = false;

/**
 * Starts a process.
 * @throws Deno's errors: NotCapable without the permission, NotFound without the program or the
 * directory, and others for arguments that the system refuses
 */
export function startGroup(order: GroupOrder): ProcessGroup {
  const child = spawn(order);
  if (order.input !== undefined) void feed(child.stdin, order.input);
  const group = isAllowed(SHELL) ? reaper : undefined;
  group?.tell("LIVE", child.pid);
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exited: child.status,
    signal: (name) => group === undefined ? signalAlone(child, name) : group.tell(name, child.pid),
    end: () => group?.tell("END", child.pid),
  };
}

/** Without a reaper there is no shell either, and what was started has no processes of its own. */
function signalAlone(child: Deno.ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(name);
  } catch {
    // It has ended already.
  }
}

function spawn(order: GroupOrder): Deno.ChildProcess {
  if (!isAllowed(SHELL)) return command(order, order.command, order.args).spawn();
  if (!leaderIsMissing && isAllowed(SESSION_LEADER)) {
    try {
      // Twice as fast as `detached`, for which Deno forks instead of using posix_spawn.
      return command(order, SESSION_LEADER, [order.command, ...order.args]).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || whyNoDirectory(order.cwd)) throw error;
      leaderIsMissing = true;
    }
  }
  return command(order, order.command, order.args, { detached: true }).spawn();
}

function command(
  { cwd, env, input }: GroupOrder,
  program: string,
  args: readonly string[],
  options: { readonly detached?: boolean } = {},
): Deno.Command {
  return new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { ...env },
    clearEnv: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
}

async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It ended before it had read all; how it ended tells why.
  }
}

function isAllowed(program: string): boolean {
  const known = mayRun.get(program);
  if (known !== undefined) return known;
  const { state } = Deno.permissions.querySync({ name: "run", command: program });
  mayRun.set(program, state === "granted");
  return state === "granted";
}

/** The helper process, started when it is first needed and again should it end. */
class Reaper {
  readonly #live = new Set<number>();
  readonly #encoder = new TextEncoder();
  #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #lines = "";

  tell(verb: "LIVE" | "END" | "SIGTERM" | "SIGKILL", pid: number): void {
    if (verb === "LIVE") this.#live.add(pid);
    if (verb === "END") this.#live.delete(pid);
    if (this.#lines === "") queueMicrotask(() => this.#flush());
    this.#lines += `${verb.replace("SIG", "")} ${pid}\n`;
  }

  #flush(): void {
    this.#stdin ??= this.#start();
    const lines = this.#lines;
    this.#lines = "";
    this.#stdin.write(this.#encoder.encode(lines)).catch(() => {
      // It ended; a new one is started with the next line.
    });
  }

  #start(): WritableStreamDefaultWriter<Uint8Array> {
    const child = new Deno.Command(SHELL, {
      args: ["-c", REAPER],
      cwd: "/",
      clearEnv: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      // Outlives the worker, by as long as it takes to kill what the worker left.
      detached: true,
    }).spawn();
    void child.status.then(() => {
      note("the helper that signals processes has ended; it will be started again");
      this.#stdin = undefined;
    });
    const lines = this.#lines.split("\n").filter((line) => !line.startsWith("LIVE"));
    this.#lines = `LIVE ${[...this.#live].join(" ")}\n${lines.join("\n")}`;
    return child.stdin.getWriter();
  }
}

const reaper = new Reaper();
