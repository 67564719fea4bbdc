/** A real node: its own process, a free port, a data directory that goes away. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient, dataOf } from "../../lib/api/client.ts";
import type { ConfirmAnswer, EventView, RunView } from "../../lib/schema/api.ts";
import { DelegatedGroup } from "./delegated_group.ts";
import type { OtherUser } from "./other_user.ts";
import type { ConfigFile } from "../../lib/config.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_DEADLINE_MS = 20_000;
const DEADLINE_MS = 30_000;

/** A node that runs. */
export interface NodeProcess {
  readonly url: string;
  readonly token: string;
  readonly client: Client;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything that it printed so far, both streams. */
  output(): string;
  /** Ends it without warning and waits until it is gone. */
  killHard(): Promise<void>;
  /** Asks it to end and waits. @returns its exit code */
  stop(): Promise<number>;
}

/** What a test may change about a node. */
export interface StartOptions {
  readonly port?: number;
  readonly config?: Partial<ConfigFile>;
  /** Where its settings file goes, when the node itself is to make its data directory. */
  readonly configDir?: string;
  /** Variables besides those of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who it runs as, if not who runs the test. */
  readonly user?: OtherUser;
  /** What is put before the command, as to run it in a network of its own. */
  readonly prefix?: readonly string[];
}

/** Starts a node in a data directory and waits until it says that it is ready. */
export async function startNode(
  dataDir: string,
  options: StartOptions = {},
): Promise<NodeProcess> {
  // In a directory of its own: the node watches it, and would hear of each write to its database.
  const configDir = options.configDir ?? join(dataDir, "settings");
  const configPath = join(configDir, "test.config.json");
  await Deno.mkdir(configDir, { recursive: true });
  await Deno.writeTextFile(configPath, JSON.stringify({ node_id: "node1", ...options.config }));
  await options.user?.own(dataDir);
  const group = DelegatedGroup.open(options.user?.owner);
  const [program = "", ...args] = [
    ...group?.command ?? [],
    ...options.prefix ?? [],
    ...options.user?.command ?? [],
    Deno.execPath(),
    ...["run", "-A", "--no-check", join(ROOT, "main.ts"), "--port", String(options.port ?? 0)],
    ...["--data-dir", dataDir, "--config", configPath],
  ];
  const child = new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { ...options.env, ...options.user?.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  let onOutput = (): void => {};
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      onOutput();
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const url = await withDeadline(
    new Promise<string>((resolve, reject) => {
      onOutput = () => {
        const match = /^ready on (\S+)$/m.exec(output);
        if (match?.[1] !== undefined) resolve(match[1]);
      };
      void child.status.then(() => reject(new Error(`the node ended at its start:\n${output}`)));
    }),
    { ms: START_DEADLINE_MS, what: () => `the node did not become ready:\n${output}` },
  );
  const token = (await Deno.readTextFile(join(dataDir, "owner.token"))).trim();
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<number> => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
    const status = await child.status;
    await collected;
    group?.remove();
    return status.code;
  };
  return {
    url,
    token,
    client: createClient({ baseUrl: url, token }),
    dataDir,
    pid: child.pid,
    output: () => output,
    killHard: async () => void await end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

/** Runs `use` with a node and a directory that are gone afterwards. */
export async function withNodeProcess(
  use: (node: NodeProcess) => Promise<void>,
  options: StartOptions = {},
): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    const node = await startNode(dataDir, options);
    try {
      await use(node);
    } finally {
      await node.stop();
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** Publishes and confirms a DAG. @returns the answer to the confirm */
export async function publishAndConfirm(client: Client, doc: unknown): Promise<ConfirmAnswer> {
  const published = dataOf(await client.publish({ doc }));
  return dataOf(await client.confirm(published.dag_id, { spec_hash: published.spec_hash }));
}

/** Follows a run to its end. */
export async function waitForEnd(
  client: Client,
  runId: string,
  ms = DEADLINE_MS,
): Promise<RunView> {
  const signal = AbortSignal.timeout(ms);
  for await (const _event of client.followRunEvents(runId, { signal })) {
    // Only the end of the stream matters; a deadline ends it as well.
  }
  const run = dataOf(await client.getRun(runId));
  if (run.finished_at === null) {
    throw new Error(`the run has not ended after ${ms} ms: ${JSON.stringify(run, null, 1)}`);
  }
  return run;
}

/** Waits until an event of a run fits. */
export async function waitForEvent(
  client: Client,
  runId: string,
  fits: (event: EventView) => boolean,
): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const event of client.followRunEvents(runId, { signal })) if (fits(event)) return;
  throw new Error(`no such event in the run ${runId} within ${DEADLINE_MS} ms, or it ended`);
}

/** Waits for a promise, but not for ever. */
export async function withDeadline<T>(
  promise: Promise<T>,
  { ms, what }: { ms: number; what: () => string },
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what())), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
