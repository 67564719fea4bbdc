/** A worker on another machine: as there, it has a directory of its own, its room and its token. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { spawnCli } from "../helpers/cli_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { freePort } from "../helpers/free_port.ts";
import { signNodeIn } from "../helpers/matrix_node.ts";
import { type StartedNode, startedNode } from "../helpers/started_node.ts";
import { type Synapse, withSynapse } from "../helpers/synapse.ts";
import { call, getRun, runEnded, startDag } from "../helpers/test_node.ts";
import { dagOf } from "../helpers/with_worker.ts";

const SCOPE = { type: "project", project_id: "far" };
const ROOM = "#worker-project-far-home:matrix.test";

/** A worker process of the other machine, as `worker start` runs it. */
interface Remote extends AsyncDisposable {
  /** What it and the command wrote. */
  output(): string;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  readonly ended: Promise<number>;
}

function startRemote(synapse: Synapse, dir: string): Remote {
  const child = spawnCli([
    ...["worker", "start", "--homeserver", synapse.url, "--room", ROOM],
    ...["--room-token-file", join(dir, "token")],
  ], { env: { CIS_DATA_DIR: join(dir, "data"), CIS_CONFIG: join(dir, "cis.config.json") } });
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
async function withTwoMachines(
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
      matrix: { homeserver: synapse.url, scopes: [], elsewhere: ["project:far"] },
      node_id: "home",
      port: freePort(),
      heartbeat_ms: 500,
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

Deno.test("a worker on another machine", async (t) => {
  await withSynapse(async (synapse) => {
    await withTwoMachines(synapse, async ({ home, far, restart }) => {
      await call(home.fetch, "/api/v1/secrets/SECRET", {
        method: "PUT",
        body: { value: "twelve chars" },
      });
      const waiting = await startDag(
        home.fetch,
        dagOf({
          a: {
            type: "shell",
            command: 'pwd; echo "s=${#SECRET}" > "$CIS_OUTPUT"',
            secrets: ["SECRET"],
          },
          b: { type: "deno", script: "export default ({inputs}) => inputs", depends_on: ["a"] },
        }, { scope: SCOPE, dag_id: "first" }),
      );
      await t.step("is waited for, and nothing is started in its place", async () => {
        await eventually(
          async () =>
            /on another machine/.test(
              (await getRun(home.fetch, waiting.run_id)).waiting?.message ?? "",
            ),
          "the reason",
        );
        assert.deepEqual(home.node.supervisor.list(), []);
      });

      await using first = startRemote(synapse, far);
      await t.step(
        "comes with its room and token, works in its own directory, has its secrets",
        async () => {
          await runEnded(home.node, waiting.run_id);
          const run = await getRun(home.fetch, waiting.run_id);
          assert.deepEqual(run.tasks[0]?.outputs, { s: "12" });
          assert.equal(run.status, "completed", `${JSON.stringify(run.tasks)} ${first.output()}`);
          const [line] = home.node.logs.read({ runId: waiting.run_id }, { after: 0, limit: 1 });
          assert.equal(line?.text, join(far, "data", "workspaces", "project-far"));
          const [worker] = home.node.supervisor.list();
          assert.deepEqual([worker?.managedBy, worker?.pid], ["cli", null]);
        },
      );

      await t.step("goes on while its node is restarted", async () => {
        const { run_id } = await startDag(
          home.fetch,
          dagOf({
            a: { type: "shell", command: "touch begun; while ! test -e go; do sleep 0.05; done" },
            b: { type: "noop", depends_on: ["a"] },
          }, { scope: SCOPE, dag_id: "second" }),
        );
        const workspace = join(far, "data", "workspaces", "project-far");
        await eventually(() => exists(join(workspace, "begun")), "the task");
        const next = await restart();
        await Deno.writeTextFile(join(workspace, "go"), "");
        await runEnded(next.node, run_id);
        const run = await getRun(next.fetch, run_id);
        assert.equal(run.status, "completed");
        assert.deepEqual(run.tasks.map(({ attempts }) => attempts.length), [1, 1]);
      });

      await t.step("that is killed loses its task to the next one that comes", async () => {
        const next = await restart();
        await eventually(() => next.node.supervisor.ready("worker-project-far"), "the worker");
        const { run_id } = await startDag(
          next.fetch,
          dagOf({
            a: { type: "shell", command: "test -e second || { touch second; sleep 60; }" },
          }, { scope: SCOPE, dag_id: "third" }),
        );
        const workspace = join(far, "data", "workspaces", "project-far");
        await eventually(() => exists(join(workspace, "second")), "the task");
        first.kill("SIGTERM");
        first.kill("SIGTERM");
        await first.ended;
        await using second = startRemote(synapse, far);
        await runEnded(next.node, run_id);
        const run = await getRun(next.fetch, run_id);
        assert.equal(run.status, "completed", second.output());
        assert.equal(run.tasks[0]?.attempts.length, 2);
      });
    });
  });
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
