/** A homeserver that is away for long: nothing is lost, nothing grows, and it is noticed when it is back. */
import assert from "node:assert/strict";
import { HomeserverError } from "../../lib/matrix/homeserver_request.ts";
import { LAST_WAIT_MS, patientRequest, waitAfter } from "../../lib/matrix/patient_request.ts";
import { residentBytes } from "../bench/memory.ts";
import { ORIGIN } from "../helpers/doors.ts";
import { eventually } from "../helpers/eventually.ts";
import { withMatrixNode } from "../helpers/matrix_node.ts";
import type { StartedNode } from "../helpers/started_node.ts";
import { withSynapse } from "../helpers/synapse.ts";
import { withTempDir } from "../helpers/temp_dir.ts";
import { getRun, runEnded, startDag } from "../helpers/test_node.ts";
import { dagOf, taskStates } from "../helpers/with_worker.ts";

/** How long it is away; all that is in the node's and workers' patience is far below. */
const AWAY_MS = 60_000;
const MB = 1024 * 1024;

Deno.test("however long a homeserver is away, the wait between two tries has a bound", async () => {
  const down = new HomeserverError("it can't be reached");
  const waits = Array.from({ length: 2_000 }, (_, tries) => waitAfter(down, tries));
  assert.equal(LAST_WAIT_MS, 3_000);
  assert.ok(waits.every((ms) => ms > 0 && ms <= LAST_WAIT_MS));
  // An hour of it is some twelve hundred tries, and no storm.
  assert.ok(waits.slice(5).every((ms) => ms >= 2_000));
  const proxy = new HomeserverError("busy", { status: 503, retryAfterMs: 3_600_000 });
  assert.ok(waitAfter(proxy, 50) <= LAST_WAIT_MS);
  const asked = new HomeserverError("patience", { status: 429, retryAfterMs: 20_000 });
  assert.equal(waitAfter(asked, 0), 20_000);

  const signal = new AbortController().signal;
  let tries = 0;
  const told: (string | undefined)[] = [];
  const request = patientRequest({
    request: () => tries++ < 3 ? Promise.reject(down) : Promise.resolve({ well: true }),
    signal,
    onTrouble: (why) => told.push(why),
  });
  assert.deepEqual(await request({ method: "GET", path: "/" }), { well: true });
  assert.deepEqual(told, [down.message, down.message, down.message, undefined]);
});

Deno.test("a homeserver that is down for long", async () => {
  await withSynapse((synapse) =>
    withTempDir(async (workspace) => {
      await withMatrixNode(synapse, async ({ node }) => {
        const cookie = await signIn(node);
        const there = { scope: { type: "project", project_id: "abc" } };
        // It writes as fast as it is read from, from before until after.
        const flood =
          "touch begun; n=0; while ! test -e go; do n=$((n+1)); echo $n; done; echo last";
        const { run_id: writing } = await startDag(
          node.fetch,
          dagOf({ a: { type: "shell", command: flood }, b: ["a"] }, {
            ...there,
            dag_id: "writing",
          }),
        );
        await eventually(() => exists(`${workspace}/begun`), "the task");
        const [worker] = node.node.supervisor.list();
        const pid = worker?.pid ?? 0;
        await synapse.stop("SIGKILL");
        const downAt = performance.now();
        const { run_id: waiting } = await startDag(
          node.fetch,
          dagOf({ a: [] }, { ...there, dag_id: "waiting" }),
        );
        await eventually(async () => {
          const { waiting: why } = await getRun(node.fetch, waiting);
          return why?.code === "waits_for_worker" && /can't be reached/.test(why.message);
        }, "the reason");
        const shown = async (path: string): Promise<string> =>
          await (await node.fetch(path, { token: null, headers: { cookie } })).text();
        assert.match(await shown(`/runs/${waiting}`), /homeserver can(&#39;|')t be reached/);
        assert.match(
          await shown("/workers/worker-project-abc"),
          /homeserver can(&#39;|')t be reached/,
        );

        // What is inside the node doesn't notice.
        for (let n = 0; performance.now() - downAt < AWAY_MS; n++) {
          const begun = performance.now();
          const { run_id } = await startDag(node.fetch, dagOf({ a: [] }, { dag_id: `here-${n}` }));
          await runEnded(node.node, run_id);
          assert.equal((await getRun(node.fetch, run_id)).status, "completed");
          assert.ok(performance.now() - begun < 10_000, "a run inside the node took its time");
          await new Promise((resolve) => setTimeout(resolve, 2_000));
        }
        // Only what the worker may hold is held; the task that floods waits for its turn.
        const resident = await residentBytes(pid);
        assert.ok(resident < 160 * MB, `${resident / MB} MB`);
        assert.equal((await taskStates(node.fetch, writing)).a, "running");

        const before = node.reports.length;
        await synapse.start();
        const upAt = performance.now();
        await eventually(
          () => node.reports.slice(before).some((line) => /can be reached again/.test(line)),
          "the node to notice",
        );
        const noticed = performance.now() - upAt;
        // A wait, and the time of a request on a machine that is busy.
        assert.ok(noticed < LAST_WAIT_MS + 2_000, `${noticed} ms`);
        await Deno.writeTextFile(`${workspace}/go`, "");
        for (const run_id of [writing, waiting]) {
          await eventually(
            async () => (await getRun(node.fetch, run_id)).finished_at !== null,
            `the end of ${run_id}`,
            60_000,
          );
          const run = await getRun(node.fetch, run_id);
          assert.equal(run.status, "completed", JSON.stringify(run));
          assert.ok(run.tasks.every(({ attempts }) => attempts.length === 1));
        }
        const [now] = node.node.supervisor.list()
          .filter(({ workerId }) => workerId === "worker-project-abc");
        assert.deepEqual([now?.pid, now?.restarts], [pid, 0]);
        assertCounted(node, writing);
      }, {
        workspaces: { "project:abc": workspace },
        // Far shorter than the homeserver is away.
        ...{ hung_after_ms: 5_000, reconnect_grace_ms: 5_000, orphan_grace_ms: 10_000 },
        matrix: { homeserver: synapse.url, scopes: ["project:*"], elsewhere: [] },
      });
    })
  );
});

Deno.test("a homeserver that takes requests and answers none is away as well", async () => {
  await withSynapse((synapse) =>
    withTempDir(async (workspace) => {
      await withMatrixNode(synapse, async ({ node }) => {
        const command = "touch begun; while ! test -e go; do sleep 0.05; done";
        const { run_id } = await startDag(
          node.fetch,
          dagOf({ a: { type: "shell", command }, b: ["a"] }, {
            scope: { type: "project", project_id: "abc" },
          }),
        );
        await eventually(() => exists(`${workspace}/begun`), "the task");
        Deno.kill(synapse.pid, "SIGSTOP");
        try {
          await eventually(
            async () =>
              /doesn't answer/.test((await getRun(node.fetch, run_id)).waiting?.message ?? ""),
            "the reason",
          );
          // More than node and worker have patience with each other.
          await new Promise((resolve) => setTimeout(resolve, 15_000));
        } finally {
          Deno.kill(synapse.pid, "SIGCONT");
        }
        await Deno.writeTextFile(`${workspace}/go`, "");
        await eventually(
          async () => (await getRun(node.fetch, run_id)).finished_at !== null,
          "the end of the run",
          60_000,
        );
        const run = await getRun(node.fetch, run_id);
        assert.equal(run.status, "completed", JSON.stringify(run));
        assert.ok(run.tasks.every(({ attempts }) => attempts.length === 1));
        assert.equal(node.node.supervisor.list()[0]?.restarts, 0);
        assert.ok(node.reports.some((line) => /answers again/.test(line)), node.reports.join("\n"));
      }, {
        workspaces: { "project:abc": workspace },
        ...{ hung_after_ms: 6_000, reconnect_grace_ms: 6_000, orphan_grace_ms: 10_000 },
      });
    })
  );
});

/** All lines are there that the task wrote, but for what is beyond the limit, in order, once each. */
function assertCounted({ node }: StartedNode, runId: string): void {
  let after = 0;
  let expected = 1;
  for (;;) {
    const lines = node.logs.read({ runId }, { after, limit: 10_000 });
    if (lines.length === 0) break;
    for (const { text } of lines) {
      if (text !== "last" && !/^\d+$/.test(text)) continue;
      if (text !== "last") assert.equal(text, String(expected++));
    }
    after = lines.at(-1)?.seq ?? after + lines.length;
  }
  assert.ok(expected > 1_000, `${expected} lines`);
}

async function signIn({ fetch, token }: StartedNode): Promise<string> {
  const answer = await fetch("/sign-in", {
    method: "POST",
    token: null,
    headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ token }).toString(),
  });
  await answer.body?.cancel();
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
