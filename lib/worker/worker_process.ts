/**
 * A worker's process as its supervisor sees it: one that this node has started, or one that was
 * found by its pid. Either tells when it has ended, and is signalled only while it is certain that
 * the pid is still its own.
 */
import { isAlive, processIdentity } from "./process_identity.ts";
import { describeEnd } from "./restart_policy.ts";
import { signalProcess, type SpawnOrder, spawnWorkerProcess } from "./spawn.ts";

/** How a process ended. */
export interface ProcessEnd {
  readonly reason: string;
  /** The last that it wrote to stderr, where that is known. */
  readonly lastLines: readonly string[];
}

/** A process. */
export interface WorkerProcess {
  readonly pid: number;
  /** Tells it from others that get the same pid; null where the system can't tell. */
  readonly identity: string | null;
  readonly ended: Promise<ProcessEnd>;
  /** Signals it, unless it has ended. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** Says that it may just be ending. */
  look(): void;
}

/** How many of the last lines of stderr are kept, and how much of each. */
const LAST_LINES = 5;
const LINE_LENGTH = 500;
/** How long the rest of stderr is waited for: something that it has left may hold it open. */
const STDERR_MS = 200;

/**
 * Starts a process.
 * @param onLine told each line of its stderr
 * @throws Deno's errors when it can't be started
 */
export function launchProcess(
  order: Omit<SpawnOrder, "stderr" | "onStderr">,
  onLine: (line: string) => void,
): WorkerProcess {
  const lastLines: string[] = [];
  const child = spawnWorkerProcess({
    ...order,
    stderr: "piped",
    onStderr: (line) => {
      if (line.trim() !== "") lastLines.push(line.slice(0, LINE_LENGTH));
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine(line);
    },
  });
  return {
    pid: child.pid,
    identity: processIdentity(child.pid) ?? null,
    ended: child.status.then(async (status) => {
      await orSoon(child.stderrRead);
      return { reason: describeEnd(status, lastLines), lastLines };
    }),
    signal: (signal) => child.kill(signal),
    look: () => {},
  };
}

async function orSoon(promise: Promise<void>): Promise<void> {
  const { promise: soon, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, STDERR_MS);
  await Promise.race([promise, soon]);
  clearTimeout(timer);
}

/** How often a process that isn't this node's child is looked at, in milliseconds. */
const LOOK_MS = 500;
/** The same while it may just be ending. */
const CLOSE_LOOK_MS = 10;
const CLOSE_LOOKS = 100;

/**
 * Watches a process that somebody else has started.
 * @param identity as `processIdentity` told it; null: nothing is known of it, so it is taken for gone
 */
export function watchProcess(pid: number, identity: string | null): WorkerProcess & Disposable {
  const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
  let closeLooks = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (!isAlive(pid, identity)) return resolve({ reason: "the process ended", lastLines: [] });
    timer = setTimeout(look, closeLooks-- > 0 ? CLOSE_LOOK_MS : LOOK_MS);
    // A process is no reason for this one to stay.
    Deno.unrefTimer(timer);
  };
  const lookClosely = (): void => {
    closeLooks = CLOSE_LOOKS;
    look();
  };
  look();
  return {
    pid,
    identity,
    ended,
    signal: (signal) => {
      if (isAlive(pid, identity)) signalProcess(pid, signal);
      lookClosely();
    },
    look: lookClosely,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
