/** A real worker process against a {@linkcode FakeNode}, with directories that are gone afterwards. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerBootstrap } from "../../lib/schema/link_frames.ts";
import { permissionFlags } from "../../lib/worker/permission_flags.ts";
import type { TaskPermissions } from "../../lib/schema/room_events.ts";
import type { Policy } from "../../lib/schema/policy.ts";
import { BUILTIN_POLICY } from "../../lib/worker/builtin_policy.ts";
import { type FakeNode, ROOM } from "./fake_node.ts";

const MAIN = fileURLToPath(new URL("../../lib/worker/child/main.ts", import.meta.url));
const DEADLINE_MS = 30_000;

/** What a test may change. */
export interface WorkerOptions {
  readonly policy?: Policy;
  readonly bootstrap?: Partial<WorkerBootstrap>;
  readonly args?: readonly string[];
  /** Written to stdin instead of the bootstrap. */
  readonly stdin?: string;
  /** Whether it leads a process group, as a node's workers do. */
  readonly ownGroup?: boolean;
  /** Called with its directory before it is started. */
  readonly prepare?: (directory: string) => void;
}

export class ChildWorker implements AsyncDisposable {
  readonly directory: string;
  readonly workspace: string;
  readonly process: Deno.ChildProcess;
  readonly #stderr: Promise<string>;

  constructor(node: FakeNode, options: WorkerOptions = {}) {
    this.directory = Deno.makeTempDirSync({ prefix: "cis-worker-" });
    this.workspace = join(this.directory, "workspace");
    const temp = join(this.directory, "tmp");
    Deno.mkdirSync(this.workspace);
    options.prepare?.(this.directory);
    const policy = options.policy ?? BUILTIN_POLICY;
    const flags = permissionFlags(policy, {
      socket: node.socket,
      workspace: this.workspace,
      temp,
      denoPath: Deno.execPath(),
      bubblewrap: null,
      ground: { net: [], paths: [] },
    });
    const bootstrap: WorkerBootstrap = {
      socket: node.socket,
      worker_id: "worker-project-abc",
      room_id: ROOM,
      instance: crypto.randomUUID(),
      secret: "the secret",
      workspace: this.workspace,
      temp,
      max_concurrent_tasks: 8,
      heartbeat_ms: 60_000,
      orphan_grace_ms: 60_000,
      base_env: { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8" },
      secrets: {},
      launch: {
        bubblewrap: null,
        system: [],
        taken: [],
        groups: null,
        file_size: 2 ** 40,
        pids: null,
      },
      ...options.bootstrap,
    };
    this.process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", ...flags, MAIN, ...options.args ?? ARGS],
      clearEnv: true,
      env: { NO_COLOR: "1", ...denoDir() },
      cwd: this.workspace,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      detached: options.ownGroup ?? false,
    }).spawn();
    void feed(this.process.stdin, options.stdin ?? `${JSON.stringify(bootstrap)}\n`);
    this.#stderr = new Response(this.process.stderr).text();
  }

  /** What a task may touch that was granted its workspace, and nothing else. */
  get permissions(): TaskPermissions {
    return { net: [], read: [this.workspace], write: [this.workspace], env: [], run: [] };
  }

  /** What it wrote to stderr, once it has ended. */
  get stderr(): Promise<string> {
    return this.#stderr;
  }

  /** Its exit code, once it has ended. */
  async ended(): Promise<number> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("the worker doesn't end")), DEADLINE_MS);
    try {
      return (await Promise.race([this.process.status, promise])).code;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Path of a new file in the workspace. */
  write(name: string, text: string): string {
    const path = join(this.workspace, name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return path;
  }

  read(name: string): string {
    return Deno.readTextFileSync(join(this.workspace, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.process.status;
    await this.#stderr;
    await Deno.remove(this.directory, { recursive: true });
  }
}

const ARGS = [
  "--worker-id",
  "worker-project-abc",
  "--room",
  ROOM,
  "--scope",
  "project:abc",
  "--parent-node",
  "node1",
];

/** Whether a process is there; a zombie is not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !["Z", "X"].includes(stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "");
  } catch {
    return false;
  }
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Compiled code is kept where this process keeps it, as for workers of a node. */
function denoDir(): Record<string, string> {
  const home = Deno.env.get("HOME");
  const dir = Deno.env.get("DENO_DIR") ?? (home === undefined ? undefined : `${home}/.cache/deno`);
  return dir === undefined ? {} : { DENO_DIR: dir };
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // It ended before it had read all, which some tests are about.
  }
}
