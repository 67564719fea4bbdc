/**
 * Main module of the process that a `deno` task runs in (see run_deno.ts): reads what to do from
 * stdin, calls the task and writes down how it ended. The task shares the process and its
 * permissions; nothing here is hidden from it.
 * @module
 */
import type { TaskResult } from "../../schema/room_events.ts";

/** What the process reads from stdin, as JSON. */
export interface HostOrder {
  /** URL of the task's module. */
  readonly module: string;
  readonly args: unknown;
  /** Outputs by the id of the dependency. */
  readonly inputs: unknown;
  /** File to write the report to. */
  readonly report: string;
}

/** How the task ended, as the file says in JSON. */
export type HostReport =
  | { readonly outputs: TaskResult["outputs"] }
  | { readonly error: HostError };

/** Why there are no outputs. */
export interface HostError {
  readonly code: string;
  readonly message: string;
  /** Whether the message is but the beginning of one. */
  readonly isCut?: boolean;
}

/** What a task's default export is called with. */
export interface DenoTaskContext {
  readonly args: unknown;
  readonly inputs: unknown;
  /**
   * Aborted when the attempt is cancelled or has taken too long; half a second later it is killed.
   * A task that never asks for it is ended at once.
   */
  readonly signal: AbortSignal;
  /** Writes a line to the attempt's log. */
  readonly log: (text: string) => void;
}

/**
 * Characters of a message that the report holds, whatever they take in JSON; all of it is in the log.
 * More than what is shown of it: the worker masks secrets first, and finds whole ones only.
 */
const MAX_MESSAGE = 5_000;

/** When nothing is left to be done and there is no result yet. */
const NEVER_SETTLES: HostReport = {
  error: {
    code: "no_result",
    message: "the task waits for something that can't come any more: nothing is pending",
  },
};

/** Longest time that a timer can have, in milliseconds. */
const LONG_MS = 2 ** 31 - 1;

const encoder = new TextEncoder();

async function main(): Promise<void> {
  const order: HostOrder = JSON.parse(await new Response(Deno.stdin.readable).text());
  globalThis.addEventListener("beforeunload", () => end(order, NEVER_SETTLES));
  const fail = (code: string, error: unknown): never => end(order, failed(code, error));
  globalThis.addEventListener("error", (event) => fail("exception", event.error));
  globalThis.addEventListener("unhandledrejection", (event) => fail("exception", event.reason));
  const run = await load(order.module).catch((error) => fail("bad_module", error));
  const outputs = await Promise.try(run, contextOf(order))
    .catch((error) => fail("exception", error));
  try {
    end(order, { outputs: plainJson(outputs) });
  } catch (error) {
    fail("bad_output", error);
  }
}

async function load(url: string): Promise<(context: DenoTaskContext) => unknown> {
  const { default: run } = await import(url);
  if (typeof run === "function") return run;
  throw new TypeError(
    run === undefined
      ? "the module has no default export; export a function as default"
      : `the module's default export is a ${typeof run}; export a function as default`,
  );
}

function contextOf({ args, inputs }: HostOrder): DenoTaskContext {
  let signal: AbortSignal | undefined;
  return {
    args,
    inputs,
    get signal() {
      return signal ??= abortedWhenToStop();
    },
    log: (text) => write(Deno.stdout, text),
  };
}

/** Keeps the process from ending by itself: who asks for the signal may wait for nothing else. */
function abortedWhenToStop(): AbortSignal {
  const stop = new AbortController();
  Deno.addSignalListener("SIGTERM", () => {
    stop.abort(new DOMException("the task is to stop", "AbortError"));
  });
  setInterval(() => {}, LONG_MS);
  return stop.signal;
}

function failed(code: string, error: unknown): HostReport {
  const told = error instanceof Error ? error : new Error(String(error));
  write(Deno.stderr, told.stack ?? told.message);
  const isDenied = told instanceof Deno.errors.NotCapable ||
    /Requires \w+ access/.test(told.message);
  const message = isDenied
    ? `${told.message.split(", run again")[0]}, which deno tasks don't get here`
    : `${told.name === "Error" ? "" : `${told.name}: `}${told.message}`;
  return {
    error: {
      code: isDenied ? "permission_denied" : code,
      message: message.slice(0, MAX_MESSAGE),
      isCut: message.length > MAX_MESSAGE,
    },
  };
}

function end(order: HostOrder, report: HostReport): never {
  Deno.writeTextFileSync(order.report, JSON.stringify(report));
  // At once: what the task has left running ends with it.
  Deno.exit("error" in report ? 1 : 0);
}

/** @throws {TypeError} naming the place of what JSON can't hold */
function plainJson(value: unknown): TaskResult["outputs"] {
  if (value === undefined) return null;
  const text = JSON.stringify(value, (key, part: unknown) => {
    const isLost = ["function", "symbol", "bigint"].includes(typeof part) ||
      (typeof part === "number" && !Number.isFinite(part)) ||
      part instanceof Map || part instanceof Set;
    if (!isLost) return part;
    const what = part instanceof Map ? "Map" : part instanceof Set ? "Set" : typeof part;
    throw new TypeError(
      `the task returned something that JSON can't hold: a ${what}${key && ` in "${key}"`}`,
    );
  });
  return JSON.parse(text);
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(`${text}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}

// Not awaited: what never settles would end the process without a word of what it was.
void main();
