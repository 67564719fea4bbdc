/** The command line tool as a process of its own. */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a command finds around it. */
export interface Surroundings {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
}

/** Runs a command to its end. Whatever node the developer has set up is not asked. */
export async function cli(argv: readonly string[], options: Surroundings = {}): Promise<Ended> {
  const child = spawnCli(argv, options);
  const writer = child.stdin.getWriter();
  // A program that doesn't read its input may have ended by now.
  await writer.write(new TextEncoder().encode(options.stdin ?? "")).catch(() => undefined);
  await writer.close().catch(() => undefined);
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** Starts a command that goes on. */
export function spawnCli(
  argv: readonly string[],
  { env, before = [] }: Pick<Surroundings, "env"> & {
    /** What goes before the command. */
    readonly before?: readonly string[];
  } = {},
): Deno.ChildProcess {
  const [program = "", ...args] = [
    ...[...before, Deno.execPath()],
    ...["run", "-A", "--no-check", "cli.ts", ...argv],
  ];
  return new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { CIS_URL: "", CIS_TOKEN: "", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** A port on which nobody listens. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
