/** A node that is to refuse its start: its own process, run to its end. */
import { fileURLToPath } from "node:url";
import { within } from "./deadline.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DEADLINE_MS = 30_000;

/** What a node that ended by itself left. */
export interface FailedStart {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a node and waits until it has ended.
 * @param before a command that runs it, such as `setpriv` with its arguments
 * @throws {Error} with what it said, when it starts all the same; it is ended then
 */
export async function failedStart(
  args: readonly string[],
  before: readonly string[] = [],
): Promise<FailedStart> {
  const main = [Deno.execPath(), "run", "-A", "--no-check", `${ROOT}main.ts`];
  const [command = "", ...rest] = [...before, ...main, ...args];
  const child = new Deno.Command(command, {
    args: rest,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    const { code, stdout, stderr } = await within(child.output(), "the node's end", DEADLINE_MS);
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
