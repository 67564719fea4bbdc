/** A worker on another machine: as there, it has a directory of its own, its room and its token. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { WorkerView } from "../../lib/schema/api.ts";
import { eventually } from "../helpers/eventually.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { call, getRun, runEnded, startDag } from "../helpers/test_node.ts";
import { FAR, startRemote, withTwoMachines } from "../helpers/two_machines.ts";
import { dagOf } from "../helpers/with_worker.ts";

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
        }, { scope: FAR, dag_id: "first" }),
      );
      await t.step("is waited for, and nothing is started in its place", async () => {
        await eventually(
          async () =>
            /is for another machine\. Take .*worker-project-far\.room-token there, and start it with: deno task/
              .test(
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
          }, { scope: FAR, dag_id: "second" }),
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
          }, { scope: FAR, dag_id: "third" }),
        );
        const workspace = join(far, "data", "workspaces", "project-far");
        await eventually(() => exists(join(workspace, "second")), "the task");
        first.kill("SIGTERM");
        first.kill("SIGTERM");
        await first.ended;
        await eventually(async () => {
          const path = "/api/v1/workers/worker-project-far";
          const { waiting_for } = await call<WorkerView>(next.fetch, path);
          return /is for another machine\. Take .* there/.test(waiting_for ?? "");
        }, "what is to be done");
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
