/** What the worker process is told at its start: the first line of stdin. */
import type { WorkerBootstrap } from "../../schema/link_frames.ts";

/** Types of the members that are used; the node is trusted, a person's try by hand is not. */
const MEMBERS: Readonly<Record<Exclude<keyof WorkerBootstrap, "homeserver">, string>> = {
  socket: "string",
  worker_id: "string",
  room_id: "string",
  instance: "string",
  secret: "string",
  workspace: "string",
  temp: "string",
  max_concurrent_tasks: "number",
  heartbeat_ms: "number",
  orphan_grace_ms: "number",
  base_env: "object",
  secrets: "object",
  launch: "object",
};

/** What the process was started with can't be used. */
export class BootstrapError extends Error {
  override readonly name = "BootstrapError";
}

/**
 * Reads the bootstrap from stdin, and no more than its line.
 * @param args the process's arguments; a `--worker-id` among them has to be the bootstrap's
 * @throws {BootstrapError}
 */
export async function readBootstrap(args: readonly string[]): Promise<WorkerBootstrap> {
  const bootstrap = parse(await readLine());
  for (const [name, type] of Object.entries(MEMBERS)) {
    const value = bootstrap[name as keyof WorkerBootstrap] as unknown;
    if (typeof value === type && value !== null) continue;
    throw new BootstrapError(
      `the first line of stdin has no usable "${name}"; start it by the node`,
    );
  }
  const named = args[args.indexOf("--worker-id") + 1];
  if (args.includes("--worker-id") && named !== bootstrap.worker_id) {
    throw new BootstrapError(`--worker-id is ${named}, but stdin is for ${bootstrap.worker_id}`);
  }
  return bootstrap;
}

async function readLine(): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  while (!text.includes("\n")) {
    const length = await Deno.stdin.read(buffer);
    if (length === null) break;
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  return text.split("\n", 1)[0] ?? "";
}

function parse(line: string): WorkerBootstrap {
  try {
    const value = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, without the line: it may hold the secret.
  }
  throw new BootstrapError(
    "the first line of stdin is not a JSON object; workers are started by a node",
  );
}
