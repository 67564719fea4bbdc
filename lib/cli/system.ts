/** The real machine: terminal, files, clock, signals, processes. */
import { clientSettings, loadConfig, noColor } from "../config.ts";
import { WorkerBootstrap } from "../schema/link_frames.ts";
import { spawnWorkerProcess } from "../worker/spawn.ts";
import type { CliContext } from "./context.ts";
import { startDemoNode } from "./demo_node.ts";
import { HiddenLine } from "./hidden_line.ts";
import { plainText } from "./plain_text.ts";
import type { CliSystem } from "./program.ts";
import { UsageError } from "./usage_error.ts";

/** The machine that this process runs on. */
export function denoSystem(): CliSystem {
  return {
    writeOut: (text) => writeAll(Deno.stdout, text),
    writeError: (text) => writeAll(Deno.stderr, text),
    color: Deno.stdout.isTerminal() && Deno.stderr.isTerminal() && !noColor(),
    canAsk: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
    fetch: globalThis.fetch,
    nodeSettings,
    readTextFile: Deno.readTextFileSync,
    readText,
    fileExists,
    moveFile,
    ask,
    readSecret,
    now: Date.now,
    onInterrupt,
    spawnWorker,
    startDemoNode: () => startDemoNode(),
    matrixSettings,
    remoteWorker: async (wish) => {
      // Loaded only here: other commands have no use for what builds workers.
      const { remoteWorker } = await import("../remote_worker.ts");
      const { command: { flags: _flags, ...command }, ...worker } = await remoteWorker(wish);
      return { ...worker, ...command };
    },
  };
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    // Whoever reads has seen enough, as in `… | head`.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(141);
    throw error;
  }
}

function nodeSettings(): ReturnType<CliSystem["nodeSettings"]> {
  const settings = clientSettings();
  return { ...settings, localUrl: runningNodeUrl(settings.dataDir) ?? configuredUrl() };
}

/** The address that a node wrote into its data directory, whatever port it was told to use. */
function runningNodeUrl(dataDir: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${dataDir}/node.url`).trim();
  } catch {
    // No node runs on this data, or it is not for this user.
    return undefined;
  }
}

function configuredUrl(): string {
  const { host, port } = loadConfig();
  const isAnyAddress = host === "0.0.0.0" || host === "::";
  const reachable = isAnyAddress ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${reachable}:${port}`;
}

function matrixSettings(): ReturnType<CliContext["matrixSettings"]> {
  const { data_dir: dataDir, node_id: nodeId, matrix } = loadConfig();
  Deno.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  return { dataDir, nodeId, homeserver: matrix?.homeserver };
}

async function readText(file: string): Promise<string> {
  try {
    if (file === "-") return await new Response(Deno.stdin.readable).text();
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`There is no file ${file}`, "Give a file, or - to read stdin");
    }
    throw new UsageError(`Can't read ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

function fileExists(file: string): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch {
    // Not there, or in a place that the move will say more about.
    return false;
  }
}

function moveFile(from: string, to: string): boolean {
  if (!fileExists(from)) return false;
  try {
    Deno.renameSync(from, to);
  } catch {
    // Another disk: a copy does the same.
    Deno.copyFileSync(from, to);
    Deno.chmodSync(to, 0o600);
    Deno.removeSync(from);
  }
  return true;
}

async function ask(question: string): Promise<string | null> {
  writeAll(Deno.stderr, plainText(question));
  // A terminal hands over one line at a time.
  const buffer = new Uint8Array(4096);
  const length = await Deno.stdin.read(buffer);
  return length === null ? null : new TextDecoder().decode(buffer.subarray(0, length)).trim();
}

/** Reads what is typed without showing it; where nobody types, stdin as it is. */
async function readSecret(question: string): Promise<string | null> {
  if (!Deno.stdin.isTerminal()) return await readText("-");
  const line = new HiddenLine();
  const buffer = new Uint8Array(4096);
  // Ctrl-C comes as a character too, so the terminal is always put right again.
  Deno.stdin.setRaw(true);
  try {
    writeAll(Deno.stderr, plainText(question));
    while (line.state === "open") {
      const length = await Deno.stdin.read(buffer);
      if (length === null) return null;
      line.take(buffer.subarray(0, length));
    }
  } finally {
    Deno.stdin.setRaw(false);
    writeAll(Deno.stderr, "\n");
  }
  return line.state === "done" ? line.text : null;
}

function onInterrupt(handler: () => void): () => void {
  const signals = Deno.build.os === "windows"
    ? ["SIGINT"] as const
    : ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return () => signals.forEach((signal) => Deno.removeSignalListener(signal, handler));
}

function spawnWorker(
  { argv, env, cwd, bootstrap }: Parameters<CliContext["spawnWorker"]>[0],
): ReturnType<CliContext["spawnWorker"]> {
  return spawnWorkerProcess({
    argv,
    env,
    cwd,
    bootstrap: WorkerBootstrap.parse(bootstrap),
    stderr: "inherit",
  });
}
