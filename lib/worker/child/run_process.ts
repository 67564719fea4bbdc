/** Carries an attempt out as a process: launches it, feeds its output to the log, stops it when told to. */
import { type Attempt, failure, type Outcome, TaskError } from "./attempt.ts";
import type { AttemptFiles } from "./attempt_files.ts";
import type { Hold, SlotGroups, Usage } from "./keeper.ts";
import { launch } from "./launcher.ts";
import { type ProcessEnd as GroupEnd, type ProcessGroup, startGroup } from "./process_group.ts";
import { sizeWords } from "./size_words.ts";
import { wallCommand } from "./wall_command.ts";
import { whyNoDirectory } from "./working_directory.ts";

/** What to run. */
export interface ProcessOrder {
  /** Absolute path of the program, and its arguments. */
  readonly command: readonly string[];
  readonly files: AttemptFiles;
  /** Absolute directory. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the process waits for on stdin before it does anything. */
  readonly input: string;
  /** The same without waiting, for who is where it belongs from the beginning and reads nothing. */
  readonly atOnce?: readonly string[] | undefined;
  /** Absolute paths to see behind walls besides what the task may read; undefined: no walls. */
  readonly walls?: readonly string[] | undefined;
  /** How long it may take to end after SIGTERM before it is killed. */
  readonly graceMs: number;
}

/** How a process ended, and what it used. */
export interface ProcessEnd extends GroupEnd {
  readonly usage: Usage;
}

/** How long what holds the pipes after the end may go on writing; it has been killed by then. */
const LAST_OUTPUT_MS = 200;

/**
 * Runs a process to its end, and its group with it.
 * @throws {TaskError} when it can't be started
 */
export async function runProcess(attempt: Attempt, order: ProcessOrder): Promise<ProcessEnd> {
  using slot = await attempt.surroundings.slots.take();
  const { groups } = slot;
  const group = start(attempt, order, groups);
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    group.terminate();
    killTimer = setTimeout(() => group.kill(), order.graceMs);
  };
  if (attempt.signal.aborted) stop();
  else attempt.signal.addEventListener("abort", stop, { once: true });
  const readers = [pump("stdout", group, attempt), pump("stderr", group, attempt)];
  const refusal = group.begun.then(() => undefined, (error: Error) => error);
  const end = await group.exited;
  clearTimeout(killTimer);
  attempt.signal.removeEventListener("abort", stop);
  const usage = await group.end();
  await finish(readers);
  const refused = await refusal;
  if (refused !== undefined) {
    throw new TaskError("spawn_failed", `it could not be held to its limits: ${refused.message}`);
  }
  return { ...asSignal(end), usage };
}

/** The command, behind walls where there are to be any. */
function walled(
  { task, surroundings: { launch } }: Attempt,
  { files, walls, cwd }: ProcessOrder,
  command: readonly string[],
): readonly string[] {
  if (walls === undefined) return command;
  return wallCommand({
    permissions: task.permissions,
    attempt: files.directory,
    read: walls,
    cwd,
    command: launch.groups === null ? countedBy(launch.pids, command) : command,
  }, launch);
}

/**
 * Limits the processes of a command behind walls, where each has a count of its own. Outside of
 * walls all processes of the user would count, those of the desktop too.
 */
function countedBy(pids: number | null, command: readonly string[]): readonly string[] {
  if (pids === null) return command;
  return ["/bin/sh", "-c", LIMIT_PIDS, String(pids), ...command];
}

/** Shells differ in the letter for the number of processes, and end over one that they don't know. */
const LIMIT_PIDS =
  'if (ulimit -u "$0") 2> /dev/null; then ulimit -u "$0"; else ulimit -p "$0"; fi && exec "$@"';

/** A shell says 128 more than its number for a signal that ended its command; bubblewrap does, too. */
function asSignal(
  { code, signal }: { readonly code: number; readonly signal: string | null },
): { readonly code: number; readonly signal: string | null } {
  return { code, signal: signal ?? SIGNALS.get(code - 128) ?? null };
}

/** Signals that end processes, by their numbers on Linux. */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [3, "SIGQUIT"],
  [4, "SIGILL"],
  [5, "SIGTRAP"],
  [6, "SIGABRT"],
  [7, "SIGBUS"],
  [8, "SIGFPE"],
  [9, "SIGKILL"],
  [11, "SIGSEGV"],
  [13, "SIGPIPE"],
  [14, "SIGALRM"],
  [15, "SIGTERM"],
  [24, "SIGXCPU"],
  [25, "SIGXFSZ"],
]);

/** The failure that the end of a process is, or undefined for an exit with 0. */
export function failureOf({ task }: Attempt, end: ProcessEnd): Outcome | undefined {
  const { code, signal, usage } = end;
  if (code === 0 && signal === null) return undefined;
  if (usage.oomKills > 0) return outOfMemory(task.limits.memory, end);
  if (signal === "SIGXFSZ") {
    const limit = sizeWords(task.limits.file_size ?? 0);
    return failure("file_too_large", `was ended since it wrote a file of more than ${limit}`, code);
  }
  if (signal !== null) return failure("signal", `was ended by ${signal}`, code);
  return failure("exit_code", `exited with code ${code}`, code);
}

/** What is told of a task that was killed for memory. */
export function outOfMemory(limit: number | null, { code, usage }: ProcessEnd): Outcome {
  const allowed = limit === null ? "all tasks of its worker may have" : `${sizeWords(limit)}`;
  const peak = usage.peak === null ? "" : `, with ${sizeWords(usage.peak)} at its peak`;
  return failure(
    "out_of_memory",
    `was ended since it used more memory than ${allowed}${peak}`,
    code,
  );
}

/** @throws {TaskError} when it can't be started */
function start(
  attempt: Attempt,
  order: ProcessOrder,
  groups: SlotGroups | undefined,
): ProcessGroup {
  const { atOnce, command, cwd } = order;
  try {
    const launched = groups === undefined ? undefined : launch(
      atOnce && { ...order, command: walled(attempt, order, atOnce) },
      { groups, limits: attempt.task.limits },
    );
    return launched ?? startGroup({
      ...order,
      command: walled(attempt, order, command),
      hold: holdOf(attempt, order, groups),
    });
  } catch (cause) {
    const program = order.walls === undefined ? command[0] : attempt.surroundings.launch.bubblewrap;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof Deno.errors.NotCapable) {
      throw new TaskError("permission_denied", `${program} may not be run: ${reason}`, { cause });
    }
    const noDirectory = whyNoDirectory(cwd);
    if (noDirectory !== undefined) throw new TaskError("bad_cwd", noDirectory, { cause });
    throw new TaskError("spawn_failed", `${program} could not be started: ${reason}`, { cause });
  }
}

function holdOf(
  { task }: Attempt,
  { walls }: ProcessOrder,
  groups: SlotGroups | undefined,
): Hold {
  if (groups !== undefined) return { groups, limits: task.limits };
  return walls === undefined ? "session" : "tree";
}

/** A stream that is being read. */
interface Pump {
  readonly done: Promise<void>;
  /** Reads on without regard to room: the process is gone and there is little left. */
  hurry(): void;
  cancel(): void;
}

function pump(stream: "stdout" | "stderr", group: ProcessGroup, attempt: Attempt): Pump {
  const pipe = group[stream];
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    for (let piece = await pipe.read(); piece !== null; piece = await pipe.read()) {
      attempt.output.write(stream, piece);
      const room = attempt.surroundings.room();
      if (room !== undefined) await Promise.race([room, hurried]);
    }
  };
  return { done: read(), hurry, cancel: () => pipe.cancel() };
}

async function finish(pumps: readonly Pump[]): Promise<void> {
  for (const { hurry } of pumps) hurry();
  // A process that made a session of its own was not killed with the group and may hold the pipes.
  const timer = setTimeout(() => {
    for (const { cancel } of pumps) cancel();
  }, LAST_OUTPUT_MS);
  for (const { done } of pumps) await done;
  clearTimeout(timer);
}
