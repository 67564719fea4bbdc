/** A node for the demo: a process of its own with a temporary data directory. */
import { fileURLToPath } from "node:url";
import type { DemoNode, ProcessEnd } from "./context.ts";

const READY = /^ready on (https?:\/\/\S+)/;
const READY_WITHIN_MS = 60_000;
/** How long the node may take to stop before it is ended. */
const STOP_WITHIN_MS = 10_000;
/** How much of what a failed start wrote is shown. */
const LAST_LINES = 20;

/**
 * Starts a node on a free port and waits until it says that it is ready.
 * @param main path of the module to run as the node
 * @throws {Error} with what it wrote, when it ends or stays silent instead
 */
export async function startDemoNode(main: string = mainModule()): Promise<DemoNode> {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-demo-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, "--host", "127.0.0.1", "--port", "0", "--data-dir", dataDir],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = child.status.then(({ code, signal }) => ({ code, signal }));
  const stop = async (): Promise<void> => {
    await endProcess(child, ended);
    await Deno.remove(dataDir, { recursive: true });
  };
  try {
    const { url, links } = await readyNode(child, ended);
    return { url, links, tokenFile: `${dataDir}/owner.token`, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function mainModule(): string {
  return fileURLToPath(new URL("../../main.ts", import.meta.url));
}

/** Reads what the node says, for as long as it lives, and resolves when it is ready. */
async function readyNode(
  child: Deno.ChildProcess,
  ended: Promise<ProcessEnd>,
): Promise<{ url: string; links: readonly string[] }> {
  const links: string[] = [];
  const last: string[] = [];
  const remember = (line: string): void => {
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
  };
  const ready = Promise.withResolvers<string>();
  const reading = Promise.all([
    readLines(child.stderr, remember),
    readLines(child.stdout, (line) => {
      remember(line);
      const url = READY.exec(line)?.[1];
      if (url !== undefined) ready.resolve(url);
      else if (/https?:\/\//.test(line)) links.push(line.trim());
    }),
  ]);
  const timer = setTimeout(() => {
    ready.reject(new Error(failureText(`was not ready within ${READY_WITHIN_MS / 1000} s`, last)));
  }, READY_WITHIN_MS);
  void reading.then(() => ended).then(({ code, signal }) => {
    ready.reject(new Error(failureText(`ended with ${signal ?? `exit code ${code}`}`, last)));
  });
  return { url: await ready.promise.finally(() => clearTimeout(timer)), links };
}

function failureText(what: string, lines: readonly string[]): string {
  return [`The node ${what}. It wrote:`, ...lines].join("\n");
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
  if (rest !== "") onLine(rest);
}

async function endProcess(child: Deno.ChildProcess, ended: Promise<ProcessEnd>): Promise<void> {
  kill(child, "SIGTERM");
  const timer = setTimeout(() => kill(child, "SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
}
