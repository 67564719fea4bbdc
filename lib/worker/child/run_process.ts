/** Carries an attempt out as a process: feeds its output to the log, stops it when told to. */
import { type Attempt, TaskError } from "./attempt.ts";
import { type GroupOrder, type ProcessGroup, startGroup } from "./process_group.ts";
import { whyNoDirectory } from "./working_directory.ts";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
}

/** How long what holds the pipes after the end may go on writing; it has been killed by then. */
const LAST_OUTPUT_MS = 200;
const BUFFER_BYTES = 64 * 1024;
const KEPT_BUFFERS = 32;

/** Buffers to read into, handed on from attempt to attempt. */
const buffers: Uint8Array<ArrayBuffer>[] = [];

/**
 * Runs a process to its end, and its group with it.
 * @param options.graceMs how long it may take to end after SIGTERM before it is killed
 * @throws {TaskError} when it can't be started
 */
export async function runProcess(
  attempt: Attempt,
  order: GroupOrder,
  options: { readonly graceMs: number },
): Promise<ProcessEnd> {
  const group = start(order);
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    group.signal("SIGTERM");
    killTimer = setTimeout(() => group.signal("SIGKILL"), options.graceMs);
  };
  if (attempt.signal.aborted) stop();
  else attempt.signal.addEventListener("abort", stop, { once: true });
  const readers = [pump("stdout", group, attempt), pump("stderr", group, attempt)];
  const end = await group.exited;
  clearTimeout(killTimer);
  attempt.signal.removeEventListener("abort", stop);
  group.end();
  await finish(readers);
  return end;
}

function start(order: GroupOrder): ProcessGroup {
  try {
    return startGroup(order);
  } catch (cause) {
    const { command, cwd } = order;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof Deno.errors.NotCapable) {
      throw new TaskError("permission_denied", `${command} may not be run: ${reason}`, { cause });
    }
    const noDirectory = whyNoDirectory(cwd);
    if (noDirectory !== undefined) throw new TaskError("bad_cwd", noDirectory, { cause });
    throw new TaskError("spawn_failed", `${command} could not be started: ${reason}`, { cause });
  }
}

/** A stream that is being read. */
interface Pump {
  readonly done: Promise<void>;
  /** Reads on without regard to room: the process is gone and there is little left. */
  hurry(): void;
  cancel(): void;
}

function pump(stream: "stdout" | "stderr", group: ProcessGroup, attempt: Attempt): Pump {
  const reader = group[stream].getReader({ mode: "byob" });
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    let buffer = buffers.pop() ?? new Uint8Array(BUFFER_BYTES);
    while (true) {
      const room = attempt.surroundings.room();
      if (room !== undefined) await Promise.race([room, hurried]);
      const { done, value } = await reader.read(buffer);
      if (value !== undefined) buffer = new Uint8Array(value.buffer);
      if (done) {
        if (value !== undefined && buffers.length < KEPT_BUFFERS) buffers.push(buffer);
        return;
      }
      attempt.output.write(stream, value);
    }
  };
  return { done: read(), hurry, cancel: () => void reader.cancel() };
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
