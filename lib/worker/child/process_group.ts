/**
 * Processes that tasks start, each with all that it starts in turn: signalled, killed and counted
 * together. With keeper.ts the only caller of Deno.Command within a worker.
 */
import { SESSION_LEADER } from "../session_leader.ts";
import { type Hold, keeper, type Usage } from "./keeper.ts";
import { type OutputPipe, WholePipe } from "./output_pipe.ts";
import { whyNoDirectory } from "./working_directory.ts";

/** A program with what surrounds it. */
export interface ProgramOrder {
  /** Absolute path of the program, and its arguments. */
  readonly command: readonly string[];
  /** Absolute directory. */
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What to start. */
export interface GroupOrder extends ProgramOrder {
  /** What the process reads from stdin once it is where it belongs; it does nothing before. */
  readonly input: string;
  readonly hold: Hold;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
}

/** A process that was started, and its group. */
export interface ProcessGroup {
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  /** Settles when the process itself has ended; others of its group may live on. */
  readonly exited: Promise<ProcessEnd>;
  /** Settles when the process has begun. @throws {Error} when it can't be held, and is killed */
  readonly begun: Promise<void>;
  /** Asks every process of the group to end. */
  terminate(): void;
  /** Kills every process of the group. */
  kill(): void;
  /** Kills what is left of the group, after `exited`. */
  end(): Promise<Usage>;
}

let leaderIsMissing = false;

/**
 * Starts a process.
 * @throws Deno's errors: NotCapable without the permission, NotFound without the program or the
 * directory, and others for arguments that the system refuses
 */
export function startGroup(order: GroupOrder): ProcessGroup {
  const child = order.hold === "session" ? spawnLeader(order) : spawnPiped(order);
  const kept = keeper.keep(child.pid, order.hold);
  return {
    stdout: new WholePipe(child.stdout),
    stderr: new WholePipe(child.stderr),
    exited: child.status,
    begun: begin(child, { joined: kept.joined, input: order.input, kill: () => kept.kill() }),
    terminate: () => kept.terminate(),
    kill: () => kept.kill(),
    end: () => kept.end(),
  };
}

async function begin(
  child: Deno.ChildProcess,
  { joined, input, kill }: { joined: Promise<void>; input: string; kill: () => void },
): Promise<void> {
  try {
    await joined;
  } catch (error) {
    kill();
    throw error;
  } finally {
    await feed(child.stdin, input);
  }
}

/** A session of its own is what is signalled and killed where nothing better is there. */
function spawnLeader(order: GroupOrder): Deno.ChildProcess {
  if (!leaderIsMissing) {
    try {
      // Faster than `detached`, for which Deno forks instead of using posix_spawn.
      return spawnPiped({ ...order, command: [SESSION_LEADER, ...order.command] });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || whyNoDirectory(order.cwd)) throw error;
      leaderIsMissing = true;
    }
  }
  return spawnPiped(order, { detached: true });
}

/** Starts a program with pipes to all of it. @throws Deno's errors */
export function spawnPiped(
  { command: [program = "", ...args], cwd, env }: ProgramOrder,
  options: { readonly detached?: boolean } = {},
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    cwd,
    env: { ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).spawn();
}

async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It ended before it had read all; how it ended tells why.
  }
}
