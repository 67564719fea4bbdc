/**
 * Runs a `deno` task: a module's default export, in a Deno process of its own whose permissions are
 * what the policy gives to such tasks.
 *
 * Not in a Web Worker: terminating one doesn't stop an endless loop (its thread spins on for as long
 * as the process lives), and a heap that overflows ends the whole worker with all of its tasks. A
 * process can be killed, and takes no longer to start.
 */
import type { TaskWork } from "../../schema/room_events.ts";
import { denoFlags } from "../deno_flags.ts";
import type { Grant, GrantLists } from "../grant.ts";
import { type Attempt, failure, type Outcome, TaskError } from "./attempt.ts";
import { AttemptFiles } from "./attempt_files.ts";
import type { HostError, HostOrder, HostReport } from "./deno_task_host.ts";
import { checkSize } from "./outputs.ts";
import { byteLength } from "./pack_content.ts";
import { failureOf, outOfMemory, runProcess } from "./run_process.ts";
import { taskEnvironment } from "./task_environment.ts";
import { workingDirectory } from "./working_directory.ts";

type DenoWork = Extract<TaskWork, { type: "deno" }>;

const GRACE_MS = 500;
/** How V8 ends a process whose heap is full. */
const HEAP_OVERFLOW: ReadonlySet<string> = new Set(["SIGTRAP", "SIGABRT"]);
const MIB = 1024 * 1024;
const HOST = new URL("./deno_task_host.ts", import.meta.url).href;

/** Carries out the task. @throws {TaskError} when it can't be started or its outputs are too large */
export async function runDeno(attempt: Attempt, work: DenoWork): Promise<Outcome> {
  const { workspace } = attempt.surroundings;
  const cwd = workingDirectory(workspace, work.cwd);
  using files = new AttemptFiles(attempt);
  // Deno follows symbolic links out of what it grants, and ends where another program begins.
  const isWalled = attempt.task.walls === "bubblewrap";
  // Deno asks for its newest version by itself, which no task was given to reach.
  const env = { DENO_NO_UPDATE_CHECK: "1", ...taskEnvironment(attempt, { files, isWalled }) };
  const order: HostOrder = {
    module: moduleUrl(work, workspace),
    args: work.args ?? null,
    inputs: attempt.task.inputs,
    report: files.outputs,
  };
  const end = await runProcess(attempt, {
    command: [
      Deno.execPath(),
      "run",
      ...flags(attempt, { files, module: order.module, env }),
      HOST,
    ],
    files,
    cwd,
    env,
    input: JSON.stringify(order),
    walls: isWalled ? [Deno.execPath(), new URL(HOST).pathname] : undefined,
    graceMs: GRACE_MS,
  });
  const report = readReport(files.outputs);
  if (report !== undefined && "outputs" in report) {
    return { exitCode: end.code, error: null, ...report };
  }
  if (report !== undefined) {
    return failure(report.error.code, messageOf(report.error, attempt), end.code);
  }
  if (HEAP_OVERFLOW.has(end.signal ?? "")) return outOfMemory(attempt.task.limits.memory, end);
  return failureOf(attempt, end) ??
    failure("no_result", "the process ended before the task returned; don't call Deno.exit", 0);
}

/** Of a message that was cut, later nobody would find the beginning of a secret at its end. */
function messageOf({ message, isCut }: HostError, { surroundings }: Attempt): string {
  return isCut === true ? surroundings.secrets.mask.applyToCut(message) : message;
}

/** A script becomes a `data:` URL: Deno keeps what it compiles by content then, and not by path. */
function moduleUrl({ module, script }: DenoWork, workspace: string): string {
  if (script !== undefined) {
    if (!script.isWellFormed()) {
      throw new TaskError("bad_module", "the script is not valid Unicode: half of a character");
    }
    return `data:application/typescript;charset=utf-8,${encodeURIComponent(script)}`;
  }
  if (module === undefined) {
    throw new TaskError("bad_module", "the task has no module and no script");
  }
  const path = `${workingDirectory(workspace)}/${module}`;
  if (module.startsWith("/") || module.split("/").includes("..")) {
    throw new TaskError(
      "bad_module",
      `the module "${module}" is not in the workspace; move it there`,
    );
  }
  if (module.includes(",")) {
    throw new TaskError("bad_module", `the path of the module "${module}" has a comma; rename it`);
  }
  return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** What goes with the flags of one attempt. */
interface FlagParts {
  readonly files: AttemptFiles;
  readonly module: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The policy's lists, and what every task may use: its module, inputs, temporary directory and the
 * variables made for it. Code is fetched only where the task may reach the network anyway.
 */
function flags(attempt: Attempt, { files, module, env }: FlagParts): string[] {
  const { task: { secrets, env: given }, surroundings: { baseEnv } } = attempt;
  const lists: GrantLists = attempt.task.permissions;
  const { memory } = attempt.task.limits;
  const isOwn = (name: string): boolean =>
    !Object.hasOwn(baseEnv, name) || Object.hasOwn(given, name) || secrets.includes(name);
  const own = Object.keys(env).filter((name) => isOwn(name) && !name.includes(","));
  const modulePath = module.startsWith("file:")
    ? [decodeURIComponent(new URL(module).pathname)]
    : [];
  const fetches = lists.net === true || (lists.import ?? []) === true ||
    (Array.isArray(lists.import) && lists.import.length > 0);
  return [
    "--no-prompt",
    "--quiet",
    "--no-config",
    "--no-lock",
    ...(fetches ? [] : ["--cached-only"]),
    ...(memory === null ? [] : [`--v8-flags=--max-old-space-size=${Math.ceil(memory / MIB)}`]),
    ...denoFlags("allow", {
      ...lists,
      read: and(lists.read, [...modulePath, files.directory]),
      write: and(lists.write, [files.directory]),
      env: and(lists.env, own),
    }),
    // Longer paths decide in Deno, so what is allowed within these stays allowed.
    ...denoFlags("deny", attempt.task.permissions.deny ?? {}),
  ];
}

function and(grant: Grant | undefined, more: readonly string[]): Grant {
  return grant === true ? true : [...grant ?? [], ...more];
}

function readReport(path: string): HostReport | undefined {
  let size: number;
  try {
    size = Deno.lstatSync(path).size;
  } catch {
    // It ended before it could write one; how it ended tells why.
    return undefined;
  }
  // Looked at before it is read: the worker must not hold what a task has made too large.
  checkSize(size - byteLength(`{"outputs":}`));
  const text = Deno.readTextFileSync(path);
  try {
    return JSON.parse(text);
  } catch {
    throw new TaskError("bad_output", "the task has overwritten its own report");
  }
}
