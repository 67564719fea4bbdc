/** Starting a worker by hand whose room is on a homeserver. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ProblemDocument, PublishAnswer, WorkerStartAnswer } from "../../lib/schema/api.ts";
import { spawnCli } from "../helpers/cli_process.ts";
import { eventually } from "../helpers/eventually.ts";
import { withMatrixNode } from "../helpers/matrix_node.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { call, getRun, runEnded, startDag, type TestNode } from "../helpers/test_node.ts";
import { dagOf } from "../helpers/with_worker.ts";

const scopeOf = (project_id: string): object => ({ scope: { type: "project", project_id } });

async function refusal(
  { fetch }: TestNode,
  path: string,
  body: object = {},
): Promise<ProblemDocument> {
  const answer = await fetch(path, { method: "POST", body });
  assert.ok(!answer.ok, await answer.clone().text());
  return await answer.json() as ProblemDocument;
}

Deno.test("a worker that is started by hand, of a scope on a homeserver", async (t) => {
  await withSynapse(async (synapse) => {
    const matrix = {
      homeserver: synapse.url,
      scopes: ["project:abc", "project:late"],
      elsewhere: ["project:far"],
    };
    await withMatrixNode(synapse, async ({ node, dataDir }) => {
      await t.step("has its room made first, and works in it", async () => {
        assert.equal(node.node.transport.access("worker-project-abc"), undefined);
        const url = node.url;
        const child = spawnCli(["worker", "start", "--scope", "project:abc"], {
          env: { CIS_URL: url, CIS_TOKEN: node.token },
        });
        try {
          await eventually(
            () => node.node.supervisor.ready("worker-project-abc"),
            "the worker",
            30_000,
          );
          assert.match(
            node.node.transport.access("worker-project-abc")?.room ?? "",
            /matrix\.test$/,
          );
          const { run_id } = await startDag(
            node.fetch,
            dagOf({ a: { type: "shell", command: "echo hello" } }, scopeOf("abc")),
          );
          await runEnded(node.node, run_id);
          assert.equal((await getRun(node.fetch, run_id)).status, "completed");
          assert.deepEqual(
            node.node.supervisor.list().map(({ workerId, managedBy }) => [workerId, managedBy]),
            [["worker-project-abc", "cli"]],
          );
        } finally {
          child.kill("SIGTERM");
          await child.stdin.close();
          await child.output();
        }
      });

      await t.step("gets what it comes into the room with by its answer alone", async () => {
        await eventually(
          () => !["running", "stopping"].includes(node.node.supervisor.list()[0]?.status ?? ""),
          "its end",
        );
        const { bootstrap } = await call<WorkerStartAnswer>(node.fetch, "/api/v1/workers", {
          method: "POST",
          body: scopeOf("abc"),
        });
        const { homeserver } = bootstrap as { homeserver?: Record<string, string> };
        assert.equal(homeserver?.homeserver, synapse.url);
        assert.equal(
          homeserver.user_id,
          `@cis-${node.node.config.node_id}-worker-project-abc:matrix.test`,
        );
      });

      await t.step("is refused where it is another machine's, with what to do there", async () => {
        const problem = await refusal(node, "/api/v1/workers", scopeOf("far"));
        assert.equal(problem.code, "worker_elsewhere");
        const alias = `#worker-project-far-${node.node.config.node_id}:matrix.test`;
        const token = join(dataDir, "worker-project-far.room-token");
        assert.ok(problem.detail.includes(`Take ${token} there`), problem.detail);
        assert.ok(problem.detail.includes(`--room '${alias}'`), problem.detail);
        assert.match(await Deno.readTextFile(token), /^\S+\.\S+\n$/);
        assert.ok(
          !node.node.supervisor.list().some(({ workerId }) => workerId === "worker-project-far"),
        );
      });

      await t.step("stays the node's where it is a run's own, and publish says so", async () => {
        const dag = dagOf({ a: { type: "noop" } }, {
          dag_id: "own",
          scope: { type: "project", project_id: "abc", reuse_worker: false },
        });
        const published = await call<PublishAnswer>(node.fetch, "/api/v1/dag/publish", {
          method: "POST",
          body: dag,
        });
        const [warning] = published.warnings;
        assert.equal(warning?.code, "own_worker_stays_here");
        assert.match(warning.message, /which the node itself starts/);
        const { run_id } = await startDag(node.fetch, dag);
        await runEnded(node.node, run_id);
        assert.equal((await getRun(node.fetch, run_id)).status, "completed");
      });

      await t.step("waits for the homeserver, and says so", async () => {
        await synapse.stop();
        const problem = await refusal(node, "/api/v1/workers", scopeOf("late"));
        assert.equal(problem.code, "room_unavailable");
        assert.match(problem.detail, /the homeserver can't be reached/);
        await synapse.start();
        await eventually(() => node.node.transport.access("worker-project-late"), "its room");
      });
    }, { matrix });
  });
});
