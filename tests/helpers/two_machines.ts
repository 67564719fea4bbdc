/** A node, and a worker on another machine: as there, it has a directory of its own, its room and its token. */
import { MatrixSettings } from "../../lib/config_matrix.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { spawnCli } from "./cli_process.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free_port.ts";
import { signNodeIn } from "./matrix_node.ts";
import { type StartedNode, startedNode } from "./started_node.ts";
import type { Synapse } from "./synapse.ts";

/** The scope of the other machine. */
export const FAR = { type: "project", project_id: "far" };
const ROOM = "#worker-project-far-home:matrix.test";

/** A worker process of the other machine, as `worker start` runs it. */
export interface Remote extends AsyncDisposable {
  /** What it and the command wrote. */
  output(): string;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  readonly ended: Promise<number>;
}

/** Starts it in its directory. */
export function startRemote(
  { url }: Pick<Synapse, "url">,
  dir: string,
  before: readonly string[] = [],
): Remote {
  const child = spawnCli([
    ...["worker", "start", "--homeserver", url, "--room", ROOM],
    ...["--room-token-file", join(dir, "token")],
  ], {
    env: { CIS_DATA_DIR: join(dir, "data"), CIS_CONFIG: join(dir, "cis.config.json") },
    before,
  });
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const part of stream) text += decoder.decode(part, { stream: true });
  };
  const read = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const ended = child.status.then(async ({ code }) => {
    await read;
    return code;
  });
  const kill = (signal: "SIGTERM" | "SIGKILL"): void => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  return {
    output: () => text,
    kill,
    ended,
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close().catch(() => undefined);
      kill("SIGTERM");
      // A second one ends the worker at once.
      kill("SIGTERM");
      await ended;
    },
  };
}

/** Runs `use` with a node and the directory of another machine, which has been given the token. */
export async function withTwoMachines(
  synapse: Synapse,
  use: (
    parts: { home: StartedNode; far: string; restart: () => Promise<StartedNode> },
  ) => Promise<void>,
): Promise<void> {
  const [dataDir, far] = [
    await Deno.makeTempDir({ prefix: "cis-home-" }),
    await Deno.makeTempDir({ prefix: "cis-far-" }),
  ];
  const options = {
    dataDir,
    config: {
      matrix: MatrixSettings.parse({
        homeserver: synapse.url,
        scopes: [],
        elsewhere: ["project:far"],
      }),
      node_id: "home",
      port: freePort(),
      heartbeat_ms: 500,
      // As it is unless told otherwise: the way to the other machine is long.
      reconnect_grace_ms: 10_000,
    },
  };
  await signNodeIn(synapse, dataDir, { name: "home" });
  let home = await startedNode(options);
  try {
    const token = join(dataDir, "worker-project-far.room-token");
    await eventually(() => home.reports.some((line) => line.includes(ROOM)), "the room");
    assert.equal((await Deno.stat(token)).mode, 0o100600);
    await Deno.copyFile(token, join(far, "token"));
    await Deno.writeTextFile(join(far, "cis.config.json"), "{}");
    await use({
      home,
      far,
      restart: async () => {
        await home.stop();
        home = await startedNode(options);
        return home;
      },
    });
  } finally {
    await home.stop();
    for (const dir of [dataDir, far]) await Deno.remove(dir, { recursive: true });
  }
}
