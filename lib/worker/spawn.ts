/**
 * The one place where worker processes are started and signalled. Node and CLI use it alike: both
 * start a worker with the same arguments and hand it its secret on stdin, never in argv or
 * environment.
 */
import type { WorkerBootstrap } from "../schema/link_frames.ts";
import { leadsGroup } from "./process_identity.ts";

/** How to start a worker process. */
export interface SpawnOrder {
  /** Arguments after the Deno executable. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly bootstrap: WorkerBootstrap;
  /** "piped": lines are given to `onStderr`; "inherit": they go to the terminal. */
  readonly stderr: "piped" | "inherit";
  /** Called with each line that the process writes to stderr. */
  readonly onStderr?: (line: string) => void;
}

/** A process that was started. */
export interface SpawnedWorker {
  readonly pid: number;
  /** Settles when the process has ended. */
  readonly status: Promise<{ readonly code: number; readonly signal: string | null }>;
  /** Settles when all that it wrote to stderr has been read. */
  readonly stderrRead: Promise<void>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** The unit of `ulimit -f`. */
const BLOCK_BYTES = 512;
/** No core dumps, which hold what was in memory, and no file larger than the policy lets be. */
const LIMIT = 'ulimit -c 0 && ulimit -f "$0" && exec "$@"';

/**
 * Starts a worker process in a process group of its own, so that a Ctrl-C meant for the node
 * doesn't reach it.
 */
export function spawnWorkerProcess(order: SpawnOrder): SpawnedWorker {
  const blocks = String(Math.ceil(order.bootstrap.launch.file_size / BLOCK_BYTES));
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", LIMIT, blocks, Deno.execPath(), ...order.argv],
    env: { ...order.env },
    clearEnv: true,
    cwd: order.cwd,
    stdin: "piped",
    stdout: "null",
    stderr: order.stderr,
    detached: true,
  }).spawn();
  void writeBootstrap(child.stdin, order.bootstrap);
  const stderrRead = order.stderr === "piped"
    ? readLines(child.stderr, order.onStderr ?? (() => {}))
    : Promise.resolve();
  let hasEnded = false;
  const status = child.status.then(({ code, signal }) => {
    hasEnded = true;
    return { code, signal };
  });
  return {
    pid: child.pid,
    status,
    stderrRead,
    kill: (signal) => {
      // Once it has ended its pid may be another's.
      if (!hasEnded) signalProcess(child.pid, signal);
    },
  };
}

/** Runs a program for a moment to see whether it works. Never throws. */
export async function runProbe(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<{ readonly success: boolean; readonly stderr: string }> {
  try {
    const { success, stderr } = await new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
      cwd: "/",
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(timeoutMs),
    }).output();
    return { success, stderr: new TextDecoder().decode(stderr) };
  } catch (error) {
    return { success: false, stderr: String(error) };
  }
}

/**
 * Signals a process, with SIGKILL also what else is in its group; one that has ended already is
 * fine. Whoever calls has made sure that the pid is still that process's.
 */
export function signalProcess(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  if (signal === "SIGKILL" && leadsGroup(pid)) send(-pid, signal);
  send(pid, signal);
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    // Some platforms say "no such process" with another class of error.
    if (!String(error).includes("ESRCH")) throw error;
  }
}

async function writeBootstrap(
  stdin: WritableStream<Uint8Array>,
  bootstrap: WorkerBootstrap,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(bootstrap)}\n`));
    await writer.close();
  } catch {
    // The process ended before it read; its exit status tells why.
  }
}

/** A line without end is given in pieces of this length: what a process writes must not fill memory. */
const MAX_LINE = 64 * 1024;

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
    if (rest.length <= MAX_LINE) continue;
    onLine(rest);
    rest = "";
  }
  if (rest !== "") onLine(rest);
}
