/**
 * Processes that tasks start, each with a process group of its own, so that all it has started can
 * be signalled with it. The only caller of Deno.Command within a worker.
 *
 * Signals go through a helper, the reaper: a shell that lives as long as the worker. Deno.kill would
 * need the right to run anything at all, and the reaper can do more: it kills whatever is in a
 * control group, and when the worker itself is killed, its end of the pipe closes, and the reaper
 * kills what was left.
 */
import { SESSION_LEADER } from "../session_leader.ts";
import { note } from "./diagnostics.ts";
import { whyNoDirectory } from "./working_directory.ts";

/** What to start. */
export interface GroupOrder {
  /** Absolute path of the program, and its arguments. */
  readonly command: readonly string[];
  /** Absolute directory. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the process reads from stdin; without it, stdin is empty. */
  readonly input?: string;
  /** Absolute path of the control group that all it starts is in, where there is one. */
  readonly controlGroup?: string | undefined;
}

/** A process that was started, and its group. */
export interface ProcessGroup {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Settles when the process itself has ended; others of its group may live on. */
  readonly exited: Promise<{ readonly code: number; readonly signal: string | null }>;
  /** Asks every process of the group to end. */
  terminate(): void;
  /** Kills every process of the group, and of its control group. */
  kill(): void;
  /** Kills what is left of the group, after `exited`. */
  end(): void;
}

const SHELL = "/bin/sh";

/**
 * Reads lines of a verb, a pid and a control group or "-". LIVE: remember the group. TERM: pass it
 * on, to the process alone as long as it has no group yet. KILL: the control group if there is one,
 * so that the launcher lives to tell what was used, else the process group. END: kill the rest and
 * forget it. At the end of the input, kill all.
 */
const REAPER = `trap "" HUP INT TERM
empty() {
  tries=0
  while [ "$tries" -lt 100 ]; do
    any=
    while read -r one; do
      any=1
      kill -s KILL "$one"
    done < "$1/cgroup.procs"
    [ -n "$any" ] || return
    tries=$((tries + 1))
  done
}
live=
while read -r verb pid group; do
  case $verb in
    LIVE) live="$live$pid $group
" ;;
    TERM) kill -s TERM -- "-$pid" || kill -s TERM "$pid" ;;
    KILL)
      if [ "$group" = - ]; then kill -s KILL -- "-$pid" || kill -s KILL "$pid"; else empty "$group"; fi ;;
    END)
      kill -s KILL -- "-$pid"
      case $live in *"$pid $group
"*) live="\${live%%"$pid $group
"*}\${live#*"$pid $group
"}" ;; esac ;;
  esac
done
echo "$live" | while read -r pid group; do
  [ -n "$pid" ] || continue
  [ "$group" = - ] || empty "$group"
  kill -s KILL -- "-$pid"
done`;

let leaderIsMissing = false;

/**
 * Starts a process.
 * @throws Deno's errors: NotCapable without the permission, NotFound without the program or the
 * directory, and others for arguments that the system refuses
 */
export function startGroup(order: GroupOrder): ProcessGroup {
  const child = spawn(order);
  if (order.input !== undefined) void feed(child.stdin, order.input);
  const group = order.controlGroup ?? "-";
  const tell = (verb: Verb): void => reaper.tell(verb, `${child.pid} ${group}`);
  tell("LIVE");
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exited: child.status,
    terminate: () => tell("TERM"),
    kill: () => tell("KILL"),
    end: () => tell("END"),
  };
}

function spawn(order: GroupOrder): Deno.ChildProcess {
  const [program = SHELL, ...args] = order.command;
  if (!leaderIsMissing) {
    try {
      // Faster than `detached`, for which Deno forks instead of using posix_spawn.
      return command(order, SESSION_LEADER, [program, ...args]).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || whyNoDirectory(order.cwd)) throw error;
      leaderIsMissing = true;
    }
  }
  return command(order, program, args, { detached: true }).spawn();
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

type Verb = "LIVE" | "TERM" | "KILL" | "END";

/** The helper process, started when it is first needed and again should it end. */
class Reaper {
  /** Pid and control group of what lives. */
  readonly #live = new Set<string>();
  readonly #encoder = new TextEncoder();
  #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #lines: string[] = [];

  tell(verb: Verb, group: string): void {
    if (verb === "LIVE") this.#live.add(group);
    if (verb === "END") this.#live.delete(group);
    if (this.#lines.length === 0) queueMicrotask(() => this.#flush());
    this.#lines.push(`${verb} ${group}\n`);
  }

  #flush(): void {
    this.#stdin ??= this.#start();
    const lines = this.#lines.join("");
    this.#lines = [];
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
    this.#lines = [
      ...Array.from(this.#live, (group) => `LIVE ${group}\n`),
      ...this.#lines.filter((line) => !line.startsWith("LIVE")),
    ];
    return child.stdin.getWriter();
  }
}

const reaper = new Reaper();
