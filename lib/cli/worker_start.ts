/** `worker start`: a worker whose process belongs to this terminal. */
import type { z } from "zod";
import { dataOf } from "../api/client.ts";
import type { EventView, WorkerStartAnswer, WorkerStartBody } from "../schema/api.ts";
import { parseScopeText } from "../schema/scope.ts";
import type { ChildProcess, CliContext, ProcessEnd } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage_error.ts";

/** Flags of `worker start`. */
export interface WorkerStartFlags {
  readonly scope?: string;
  readonly workerId?: string;
  readonly room?: string;
  readonly parentNode?: string;
  readonly homeserver?: string;
  readonly roomTokenFile?: string;
}

type Place = z.infer<typeof WorkerStartAnswer>;

/**
 * Asks the node for a place, starts the process and stays until it ends. Ctrl-C lets it finish
 * what it does, a second one ends it at once.
 * @returns the exit code of the process
 * @throws {UsageError} when the scope is none
 */
export async function startWorker(context: CliContext, flags: WorkerStartFlags): Promise<number> {
  if (flags.homeserver !== undefined) return await startElsewhere(context, flags);
  const body = startBody(flags);
  const stop = new AbortController();
  // Followed before the worker exists: nothing that it becomes can be missed.
  const events = context.client.followEvents({ signal: stop.signal });
  const first = events.next();
  first.catch(() => undefined); // Whether it failed is asked for in `tellStates`.
  try {
    const place = dataOf(await context.client.startWorker(body));
    const told = tellStates(context.out, place, { first, events });
    const code = await runProcess(context, place);
    stop.abort();
    await told;
    return code;
  } finally {
    stop.abort();
  }
}

/** Starts the worker of a node that is on another machine: with nothing but its room and token. */
async function startElsewhere(
  context: CliContext,
  { homeserver = "", room, roomTokenFile }: WorkerStartFlags,
): Promise<number> {
  if (room === undefined || roomTokenFile === undefined) {
    throw new UsageError(
      "With --homeserver the room and its token are needed",
      "Give --room '#worker-…:<server>' and --room-token-file <path>, as the node printed them",
    );
  }
  const token = await context.readText(roomTokenFile);
  return await runProcess(context, await context.remoteWorker({ homeserver, room, token }));
}

function startBody(flags: WorkerStartFlags): z.input<typeof WorkerStartBody> {
  const forms = "global, project:<id>, user:<id> or type:<type>";
  if (flags.scope === undefined) {
    throw new UsageError("--scope <scope> is missing", `Write it as ${forms}`);
  }
  const scope = parseScopeText(flags.scope);
  if (scope === undefined) {
    throw new UsageError(`"${flags.scope}" is not a scope`, `Write it as ${forms}`);
  }
  const { workerId: worker_id, room: room_id, parentNode: parent_node } = flags;
  return { scope, worker_id, room_id, parent_node };
}

/** Runs the process in the foreground and passes on signals. */
async function runProcess(context: CliContext, place: Place): Promise<number> {
  const { out } = context;
  const child = context.spawnWorker(place);
  if (!out.json) out.note(`Starting ${place.worker_id} in ${place.room_id} (pid ${child.pid}) …`);
  const stopListening = context.onInterrupt(endInSteps(child, out));
  try {
    const end = await child.status;
    if (!out.json) out.note(endText(place.worker_id, end));
    return exitCodeOfProcess(end);
  } finally {
    stopListening();
  }
}

/** First asks the process to finish what it does, then ends it. */
function endInSteps(child: ChildProcess, out: Output): () => void {
  let asked = false;
  return () => {
    if (!out.json) {
      out.note(asked ? "Ending it now." : "Finishing running tasks; Ctrl-C again ends it at once.");
    }
    child.kill(asked ? "SIGKILL" : "SIGTERM");
    asked = true;
  };
}

interface EventSource {
  readonly events: AsyncGenerator<EventView, void>;
  /** Result of the call of `next` that opened the stream. */
  readonly first: Promise<IteratorResult<EventView, void>>;
}

/** Says what becomes of the worker, as the node tells it. Without that the worker works on. */
async function tellStates(
  out: Output,
  place: Place,
  { events, first }: EventSource,
): Promise<void> {
  try {
    for (let event = await first; !event.done; event = await events.next()) {
      if (event.value.worker_id !== place.worker_id) continue;
      if (!event.value.type.startsWith("worker.")) continue;
      if (out.json) out.jsonLine(event.value);
      else if (event.value.type === "worker.running") {
        out.line(`${out.paint("green", "Ready:")} ${place.worker_id} in ${place.room_id}`);
      }
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    out.note(`Can't follow what becomes of the worker: ${reason}`);
  }
}

function endText(workerId: string, { code, signal }: ProcessEnd): string {
  if (signal !== null) return `${workerId} was ended by ${signal}.`;
  return code === 0 ? `${workerId} has ended.` : `${workerId} ended with exit code ${code}.`;
}

function exitCodeOfProcess({ code, signal }: ProcessEnd): number {
  // The code of a process that a signal ended is not 0, whatever the platform says.
  return signal !== null && code === 0 ? EXIT.failed : code;
}
