/** A homeserver that is put back to a backup: it has forgotten what node and worker remember. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { eventually } from "../helpers/eventually.ts";
import { fakeRoomWorker } from "../helpers/fake_room_worker.ts";
import { withMatrixNode } from "../helpers/matrix_node.ts";
import { startedNode } from "../helpers/started_node.ts";
import { type Synapse, withSynapse } from "../helpers/synapse.ts";
import { getRun, startDag, type TestNode } from "../helpers/test_node.ts";
import { FAR, startRemote, withTwoMachines } from "../helpers/two_machines.ts";
import { dagOf, taskStates } from "../helpers/with_worker.ts";

const PROJECT = { scope: { type: "project", project_id: "abc" } };
const END_MS = 90_000;

const untilGo = (name: string): object => ({
  type: "shell",
  command: `echo begun; touch ${name}; while ! test -e go; do sleep 0.05; done; echo over`,
});

Deno.test("a homeserver that is put back to a backup", async (t) => {
  await t.step("is told again what it has forgotten", async () => {
    await withSynapse((synapse) =>
      inWorkspace(async (workspace) => {
        await withMatrixNode(synapse, async ({ node }) => {
          const first = await startDag(
            node.fetch,
            dagOf({ a: untilGo("a") }, { ...PROJECT, dag_id: "first" }),
          );
          await eventually(() => exists(`${workspace}/a`), "the task");
          await backUp(synapse);
          // What is forgotten: dispatches, of which one is being carried out, and a result.
          const second = await startDag(
            node.fetch,
            dagOf({
              b: untilGo("b"),
              c: { type: "noop" },
              d: { type: "noop", depends_on: ["b"] },
            }, { ...PROJECT, dag_id: "second" }),
          );
          await eventually(() => exists(`${workspace}/b`), "the task");
          await eventually(
            async () => (await taskStates(node.fetch, second.run_id)).c === "completed",
            "the result",
          );
          await putBack(synapse);
          await Deno.writeTextFile(`${workspace}/go`, "");
          for (const { run_id } of [first, second]) await endsWell(node, run_id);
          assert.deepEqual(linesOf(node, second.run_id), ["begun", "over"]);
        }, { workspaces: { "project:abc": workspace } });
      })
    );
  });

  await t.step("again and again, loses nothing each time", async () => {
    await withSynapse((synapse) =>
      inWorkspace(async (workspace) => {
        await withMatrixNode(synapse, async ({ node }) => {
          const first = await startDag(
            node.fetch,
            dagOf({ a: untilGo("a") }, { ...PROJECT, dag_id: "first" }),
          );
          await eventually(() => exists(`${workspace}/a`), "the task");
          await backUp(synapse);
          for (let round = 0; round < 3; round++) {
            const { run_id } = await startDag(
              node.fetch,
              dagOf({ a: { type: "noop" }, b: { type: "noop", depends_on: ["a"] } }, {
                ...PROJECT,
                dag_id: `round-${round}`,
              }),
            );
            await synapse.stop("SIGKILL");
            await putBack(synapse);
            await endsWell(node, run_id);
          }
          await Deno.writeTextFile(`${workspace}/go`, "");
          await endsWell(node, first.run_id);
        }, { workspaces: { "project:abc": workspace } });
      })
    );
  });

  await t.step("to one without the worker's room and account, gets both anew", async () => {
    await withSynapse(async (synapse) => {
      await withMatrixNode(synapse, async ({ node }) => {
        await eventually(() => node.node.db.get("SELECT 1 FROM matrix_sync"), "the first sync");
        await backUp(synapse);
        const sleeper = { type: "shell", command: "sleep 2; echo done" };
        const { run_id } = await startDag(node.fetch, dagOf({ a: sleeper }, PROJECT));
        await eventually(
          async () => (await taskStates(node.fetch, run_id)).a === "running",
          "the task",
        );
        const before = node.node.transport.access("worker-project-abc");
        await putBack(synapse);
        await eventually(
          async () => (await getRun(node.fetch, run_id)).status === "completed",
          `the end of ${run_id}`,
          END_MS,
        );
        const access = node.node.transport.access("worker-project-abc");
        assert.notEqual(access?.room, before?.room);
        assert.notEqual(access?.access_token, before?.access_token);
        // Its worker had no account any more, and so was lost, and another has come.
        assert.deepEqual(
          (await getRun(node.fetch, run_id)).tasks[0]?.attempts.map(({ status }) => status),
          ["lost", "completed"],
        );
        const again = await startDag(
          node.fetch,
          dagOf({ a: { type: "noop" } }, { ...PROJECT, dag_id: "again" }),
        );
        await endsWell(node, again.run_id);
      });
    });
  });

  await t.step("while the node is away, is told again by the worker", async () => {
    await withSynapse(async (synapse) => {
      await withTwoMachines(synapse, async ({ home, far, restart }) => {
        await using remote = startRemote(synapse, far);
        const { run_id } = await startDag(
          home.fetch,
          dagOf({ a: untilGo("a"), b: { type: "noop", depends_on: ["a"] } }, { scope: FAR }),
        );
        const workspace = join(far, "data", "workspaces", "project-far");
        await eventually(() => exists(`${workspace}/a`), "the task");
        await home.stop();
        await backUp(synapse);
        const room = home.node.transport.access("worker-project-far");
        assert.ok(room);
        await Deno.writeTextFile(`${workspace}/go`, "");
        await eventually(async () => {
          const user = { ...room, device_id: "" };
          const path = `/rooms/${encodeURIComponent(room.room)}/messages?dir=b&limit=20`;
          const { chunk } = await synapse.call(user, { path }) as { chunk: { type: string }[] };
          return chunk.some(({ type }) => type === "io.cis.task.result");
        }, "the result on the homeserver");
        await putBack(synapse);
        const next = await restart();
        await endsWell(next, run_id, remote.output);
        assert.deepEqual(linesOf(next, run_id), ["begun", "over"]);
      });
    });
  });

  await t.step("has its hundreds of new events heard that came before it was noticed", async () => {
    await withSynapse(async (synapse) => {
      await withMatrixNode(synapse, async ({ node, options }) => {
        await using worker = await fakeRoomWorker(node.node, "project:abc");
        const tasks = Object.fromEntries(
          Array.from({ length: 250 }, (_, n) => [`t${n}`, { type: "noop" }]),
        );
        const { run_id } = await startDag(
          node.fetch,
          dagOf(tasks, { ...PROJECT, max_parallel: 250 }),
        );
        const given = await worker.takeAll();
        assert.equal(given.length, 250);
        await worker.disconnect();
        await backUp(synapse);
        // So the homeserver forgets something that the node has heard.
        await worker.settled();
        await node.stop();
        await putBack(synapse);
        for (const task of given) worker.report([task]);
        await worker.sent();
        const next = await startedNode(options);
        try {
          await endsWell(next, run_id);
        } finally {
          await next.stop();
        }
      });
    });
  });
});

/** Waits for the end, and sees that nothing was begun twice. */
async function endsWell(
  { fetch }: Pick<TestNode, "fetch">,
  runId: string,
  output = (): string => "",
): Promise<void> {
  await eventually(
    async () => (await getRun(fetch, runId)).status === "completed",
    `the end of ${runId} ${output()}`,
    END_MS,
  );
  const run = await getRun(fetch, runId);
  assert.ok(run.tasks.every(({ attempts }) => attempts.length === 1), JSON.stringify(run));
}

function linesOf({ node }: Pick<TestNode, "node">, runId: string): string[] {
  return node.logs.read({ runId }, { after: 0, limit: 10 }).map(({ text }) => text);
}

/** Makes a copy of a homeserver's database as it is now. */
async function backUp(synapse: Synapse): Promise<void> {
  await synapse.stop();
  await copyDatabase(synapse.dir, "homeserver.db", "backup.db");
  await synapse.start();
}

/** Puts the copy in place of what there is. */
async function putBack(synapse: Synapse): Promise<void> {
  await synapse.stop();
  await copyDatabase(synapse.dir, "backup.db", "homeserver.db");
  await synapse.start();
}

async function copyDatabase(dir: string, from: string, to: string): Promise<void> {
  for (const end of ["", "-wal", "-shm"]) {
    await Deno.remove(`${dir}/${to}${end}`).catch(() => undefined);
    await Deno.copyFile(`${dir}/${from}${end}`, `${dir}/${to}${end}`).catch(() => undefined);
  }
}

async function inWorkspace(use: (workspace: string) => Promise<void>): Promise<void> {
  const workspace = await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    await use(workspace);
  } finally {
    await Deno.remove(workspace, { recursive: true });
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
