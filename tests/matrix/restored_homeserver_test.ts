/** A homeserver that is put back to a backup: it has forgotten what node and worker remember. */
import assert from "node:assert/strict";
import { eventually } from "../helpers/eventually.ts";
import { withMatrixNode } from "../helpers/matrix_node.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { getRun, startDag } from "../helpers/test_node.ts";
import { dagOf, taskStates } from "../helpers/with_worker.ts";

const PROJECT = { scope: { type: "project", project_id: "abc" } };
const untilGo = (name: string): object => ({
  type: "shell",
  command: `touch ${name}; while ! test -e go; do sleep 0.05; done`,
});

Deno.test("a homeserver that is put back to a backup is told again what it has forgotten", async () => {
  const workspace = await Deno.makeTempDir({ prefix: "cis-test-" });
  await withSynapse(async (synapse) => {
    await withMatrixNode(synapse, async ({ node }) => {
      const first = await startDag(
        node.fetch,
        dagOf({ a: untilGo("a") }, { ...PROJECT, dag_id: "first" }),
      );
      await eventually(() => exists(`${workspace}/a`), "the task");
      await synapse.stop();
      await copyDatabase(synapse.dir, "homeserver.db", "backup.db");
      await synapse.start();
      // What is forgotten: dispatches, of which one is being carried out, and a result.
      const second = await startDag(
        node.fetch,
        dagOf({ b: untilGo("b"), c: { type: "noop" }, d: { type: "noop", depends_on: ["b"] } }, {
          ...PROJECT,
          dag_id: "second",
        }),
      );
      await eventually(() => exists(`${workspace}/b`), "the task");
      await eventually(
        async () => (await taskStates(node.fetch, second.run_id)).c === "completed",
        "the result",
      );
      await synapse.stop();
      await copyDatabase(synapse.dir, "backup.db", "homeserver.db");
      await synapse.start();
      await Deno.writeTextFile(`${workspace}/go`, "");
      for (const { run_id } of [first, second]) {
        await eventually(
          async () => (await getRun(node.fetch, run_id)).status === "completed",
          `the end of ${run_id}`,
          120_000,
        );
        const run = await getRun(node.fetch, run_id);
        assert.ok(run.tasks.every(({ attempts }) => attempts.length === 1), JSON.stringify(run));
      }
    }, { workspaces: { "project:abc": workspace } });
  });
  await Deno.remove(workspace, { recursive: true });
});

/** Puts one database of a homeserver that is stopped in place of another. */
async function copyDatabase(dir: string, from: string, to: string): Promise<void> {
  for (const end of ["", "-wal", "-shm"]) {
    await Deno.remove(`${dir}/${to}${end}`).catch(() => undefined);
    await Deno.copyFile(`${dir}/${from}${end}`, `${dir}/${to}${end}`).catch(() => undefined);
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
