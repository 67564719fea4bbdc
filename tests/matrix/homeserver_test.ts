/** What a homeserver may do to a node and its workers: be away, be busy, forget, and be told nonsense. */
import assert from "node:assert/strict";
import { MatrixSettings } from "../../lib/config_matrix.ts";
import { eventually } from "../helpers/eventually.ts";
import { fakeRoomWorker } from "../helpers/fake_room_worker.ts";
import { freePort } from "../helpers/free_port.ts";
import { matrixConfig, signNodeIn, withMatrixNode } from "../helpers/matrix_node.ts";
import { type StartedNode, startedNode } from "../helpers/started_node.ts";
import { type Synapse, withSynapse } from "../helpers/synapse.ts";
import type { DoctorAnswer } from "../../lib/schema/machine_view.ts";
import { call, getRun, runEnded, startDag } from "../helpers/test_node.ts";
import { dagOf } from "../helpers/with_worker.ts";

const PROJECT = { scope: { type: "project", project_id: "abc" } };

Deno.test("a homeserver with its moods", async (t) => {
  await withSynapse(async (synapse) => {
    await t.step("a real worker runs shell, deno and noop tasks over it", async () => {
      await withMatrixNode(synapse, async ({ node }) => {
        const { run_id } = await startDag(
          node.fetch,
          dagOf({
            a: { type: "shell", command: 'echo hello; echo n=1 > "$CIS_OUTPUT"' },
            b: { type: "deno", script: "export default ({inputs}) => inputs", depends_on: ["a"] },
            c: { type: "noop", depends_on: ["b"] },
          }, PROJECT),
        );
        await runEnded(node.node, run_id);
        const run = await getRun(node.fetch, run_id);
        assert.equal(run.status, "completed", JSON.stringify(run.tasks.map(({ error }) => error)));
        assert.deepEqual(run.tasks.map(({ outputs }) => outputs).slice(0, 2), [
          { n: "1" },
          { a: { n: "1" } },
        ]);
        const [line] = node.node.logs.read({ runId: run_id }, { after: 0, limit: 1 });
        assert.equal(line?.text, "hello");
      });
    });

    await t.step(
      "only the node dispatches, only the worker reports, strangers do neither",
      async () => {
        await withMatrixNode(synapse, async ({ node }) => {
          await using worker = await fakeRoomWorker(node.node, "project:abc");
          const room = worker.access.room;
          const stranger = await synapse.register("stranger");
          const join = {
            method: "POST",
            path: `/join/${encodeURIComponent(room)}`,
            body: {},
          } as const;
          await assert.rejects(synapse.call(stranger, join), /M_FORBIDDEN/);
          worker.send("io.cis.task.dispatch", { tasks: [] });
          await worker.settled();
          assert.deepEqual(worker.refused, ["io.cis.task.dispatch"]);
          // Somebody whom the node's own account has let in may talk, and no more.
          const credentials = JSON.parse(
            await Deno.readTextFile(`${node.node.config.data_dir}/matrix.json`),
          );
          await synapse.call(credentials, {
            method: "POST",
            path: `/rooms/${room}/invite`,
            body: { user_id: stranger.user_id },
          });
          await synapse.call(stranger, join);
          const send = (type: string, content: object): Promise<unknown> =>
            synapse.call(stranger, {
              method: "PUT",
              path: `/rooms/${room}/send/${type}/1`,
              body: content,
            });
          await assert.rejects(send("io.cis.task.result", { v: 1, results: [] }), /M_FORBIDDEN/);
          await send("m.room.message", { msgtype: "m.text", body: "hello" });
        });
      },
    );

    await t.step("a homeserver that is restarted in the middle loses nothing", async () => {
      const workspace = await Deno.makeTempDir({ prefix: "cis-test-" });
      await withMatrixNode(synapse, async ({ node }) => {
        const { run_id } = await startDag(
          node.fetch,
          dagOf({
            a: { type: "shell", command: "touch begun; while ! test -e go; do sleep 0.05; done" },
            b: { type: "noop", depends_on: ["a"] },
          }, PROJECT),
        );
        await eventually(() => exists(`${workspace}/begun`), "the task");
        await synapse.stop("SIGKILL");
        await Deno.writeTextFile(`${workspace}/go`, "");
        await eventually(
          async () => /reached/.test((await getRun(node.fetch, run_id)).waiting?.message ?? ""),
          "the reason",
        );
        await synapse.start();
        await runEnded(node.node, run_id);
        const run = await getRun(node.fetch, run_id);
        assert.equal(run.status, "completed");
        assert.deepEqual(run.tasks.map(({ attempts }) => attempts.length), [1, 1]);
        assert.equal(node.node.supervisor.list()[0]?.restarts, 0);
      }, { workspaces: { "project:abc": workspace } });
      await Deno.remove(workspace, { recursive: true });
    });

    await t.step("what is said in hundreds while the node is away is all dealt with", async () => {
      const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
      try {
        const config = { ...matrixConfig(synapse), node_id: "gaps", port: freePort() };
        await signNodeIn(synapse, dataDir, { name: "gaps" });
        const first = await startedNode({ dataDir, config });
        await using worker = await fakeRoomWorker(first.node, "project:abc");
        const tasks = Object.fromEntries(
          Array.from({ length: 250 }, (_, n) => [`t${n}`, { type: "noop" }]),
        );
        const { run_id } = await startDag(
          first.fetch,
          dagOf(tasks, { ...PROJECT, max_parallel: 250 }),
        );
        const given = await worker.takeAll();
        assert.equal(given.length, 250);
        await first.stop();
        for (const task of given) worker.report([task]);
        worker.held.clear();
        worker.ready();
        await worker.sent();
        const second = await startedNode({ dataDir, config });
        try {
          worker.node = second.node;
          await worker.settled();
          const run = await getRun(second.fetch, run_id);
          assert.equal(run.status, "completed");
          assert.ok(run.tasks.every(({ attempts }) => attempts.length === 1));
        } finally {
          await second.stop();
        }
      } finally {
        await Deno.remove(dataDir, { recursive: true });
      }
    });

    await t.step("a worker that is killed does nothing of its last life again", async () => {
      const workspace = await Deno.makeTempDir({ prefix: "cis-test-" });
      await withMatrixNode(synapse, async ({ node }) => {
        for (const dag_id of ["before", "after"]) {
          const command = `echo ${dag_id} >> done`;
          const { run_id } = await startDag(
            node.fetch,
            dagOf({ a: { type: "shell", command } }, { ...PROJECT, dag_id }),
          );
          await runEnded(node.node, run_id);
          assert.equal((await getRun(node.fetch, run_id)).status, "completed");
          const [worker] = node.node.supervisor.list();
          Deno.kill(worker?.pid ?? 0, "SIGKILL");
          await eventually(
            () => node.node.supervisor.list()[0]?.status !== "running",
            "the end of its life",
          );
        }
        assert.equal(await Deno.readTextFile(`${workspace}/done`), "before\nafter\n");
      }, { workspaces: { "project:abc": workspace } });
      await Deno.remove(workspace, { recursive: true });
    });

    await t.step("a worker whose session was revoked gets another", async () => {
      await withMatrixNode(synapse, async ({ node }) => {
        const first = await startDag(node.fetch, dagOf({ a: { type: "noop" } }, PROJECT));
        await runEnded(node.node, first.run_id);
        const access = node.node.transport.access("worker-project-abc");
        assert.ok(access);
        await synapse.call({ ...access, device_id: "" }, {
          method: "POST",
          path: "/logout",
          body: {},
        });
        const { run_id } = await startDag(
          node.fetch,
          dagOf({ a: { type: "noop" } }, { ...PROJECT, dag_id: "again" }),
        );
        await runEnded(node.node, run_id);
        assert.equal((await getRun(node.fetch, run_id)).status, "completed");
        assert.notEqual(
          node.node.transport.access("worker-project-abc")?.access_token,
          access.access_token,
        );
      });
    });

    await t.step(
      "a node whose session was revoked says so, and goes on once it is signed in again",
      async () => {
        await withMatrixNode(synapse, async ({ node, dataDir }) => {
          const user = JSON.parse(await Deno.readTextFile(`${dataDir}/matrix.json`));
          await eventually(() => node.node.db.get("SELECT 1 FROM matrix_sync"), "the first sync");
          await synapse.call(user, { method: "POST", path: "/logout", body: {} });
          const { run_id } = await startDag(node.fetch, dagOf({ a: { type: "noop" } }, PROJECT));
          await eventually(
            async () =>
              /matrix setup/.test((await getRun(node.fetch, run_id)).waiting?.message ?? ""),
            "the reason",
          );
          const again = await synapse.call(user, {
            method: "POST",
            path: "/login",
            body: {
              type: "m.login.password",
              identifier: { type: "m.id.user", user: user.user_id },
              password: `password of ${node.node.config.node_id}`,
            },
          });
          await Deno.writeTextFile(
            `${dataDir}/matrix.json`,
            JSON.stringify({ ...user, ...pick(again) }),
          );
          await runEnded(node.node, run_id);
          assert.equal((await getRun(node.fetch, run_id)).status, "completed");
        });
      },
    );

    await t.step("the doctor tells what is right and what isn't", async () => {
      await withMatrixNode(synapse, async ({ node, dataDir }) => {
        const { run_id } = await startDag(node.fetch, dagOf({ a: { type: "noop" } }, PROJECT));
        await runEnded(node.node, run_id);
        const look = async (): Promise<Record<string, { status: string; detail: string }>> => {
          const { checks } = await call<DoctorAnswer>(node.fetch, "/api/v1/doctor");
          return Object.fromEntries(
            checks.filter(({ name }) => name.startsWith("homeserver"))
              .map(({ name, ...rest }) => [name.slice("homeserver ".length), rest]),
          );
        };
        const well = await look();
        assert.deepEqual(Object.keys(well), [
          "session",
          "clock",
          "control room",
          "rooms",
          "rate limits",
        ]);
        assert.ok(Object.values(well).every(({ status }) => status === "ok"), JSON.stringify(well));
        const user = JSON.parse(await Deno.readTextFile(`${dataDir}/matrix.json`));
        const room = node.node.transport.access("worker-project-abc")?.room;
        const path = `/rooms/${room}/state/m.room.power_levels/`;
        const levels = await synapse.call(user, { path });
        const loose = { ...levels, events_default: 0 };
        await synapse.call(user, { method: "PUT", path, body: loose });
        const { rooms } = await look();
        assert.equal(rooms?.status, "failed");
        assert.match(rooms.detail, /others than the node may dispatch/);
      });
    });

    await t.step("an encrypted room is refused, with the reason on show", async () => {
      await withMatrixNode(synapse, async ({ node, dataDir }) => {
        const user = JSON.parse(await Deno.readTextFile(`${dataDir}/matrix.json`));
        await synapse.call(user, {
          method: "POST",
          path: "/createRoom",
          body: {
            room_alias_name: `worker-project-abc-${node.node.config.node_id}`,
            initial_state: [{
              type: "m.room.encryption",
              state_key: "",
              content: { algorithm: "m.megolm.v1.aes-sha2" },
            }],
          },
        });
        const { run_id } = await startDag(node.fetch, dagOf({ a: { type: "noop" } }, PROJECT));
        await eventually(
          async () =>
            /#worker-project-abc-h\d+:matrix.test is encrypted/.test(
              (await getRun(node.fetch, run_id)).waiting?.message ?? "",
            ),
          "the reason",
        );
      });
    });

    await t.step(
      "a homeserver that isn't there at the start: embedded scopes go on, others wait",
      async () => {
        await synapse.stop();
        await withMatrixNodeLater(synapse, async (node) => {
          const here = await startDag(
            node.fetch,
            dagOf({ a: { type: "noop" } }, { dag_id: "here" }),
          );
          const there = await startDag(node.fetch, dagOf({ a: { type: "noop" } }, PROJECT));
          await runEnded(node.node, here.run_id);
          await eventually(
            async () =>
              /homeserver can't be reached/.test(
                (await getRun(node.fetch, there.run_id)).waiting?.message ?? "",
              ),
            "the reason",
          );
          await synapse.start();
          await runEnded(node.node, there.run_id);
          assert.equal((await getRun(node.fetch, there.run_id)).status, "completed");
        });
      },
    );
  });
});

Deno.test("a homeserver that limits as it does by itself is waited for", async () => {
  await withSynapse(async (synapse) => {
    await withMatrixNode(synapse, async ({ node }) => {
      // Ten events of an account at once, then one in five seconds.
      const tasks = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [
        `t${n}`,
        { type: "noop", depends_on: n === 0 ? [] : [`t${n - 1}`] },
      ]));
      const { run_id } = await startDag(node.fetch, dagOf(tasks, PROJECT));
      await eventually(
        async () => (await getRun(node.fetch, run_id)).status === "completed",
        "the end of the run",
        60_000,
      );
      // Being asked for patience is no trouble.
      assert.deepEqual(node.reports, []);
    });
  }, { limits: "default" });
});

/** As {@linkcode withMatrixNode}, of an account that was made while the homeserver was there. */
async function withMatrixNodeLater(
  synapse: Synapse,
  use: (node: StartedNode) => Promise<void>,
): Promise<void> {
  await synapse.start();
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  const node_id = `later`;
  await signNodeIn(synapse, dataDir, { name: node_id });
  await synapse.stop();
  const matrix = MatrixSettings.parse({ homeserver: synapse.url, scopes: ["project:*"] });
  const node = await startedNode({ dataDir, config: { matrix, node_id } });
  try {
    await use(node);
  } finally {
    await node.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
}

function pick({ access_token, device_id }: Record<string, unknown>): object {
  return { access_token, device_id };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
