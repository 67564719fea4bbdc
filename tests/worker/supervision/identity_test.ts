/** Whose process it is: no innocent one is signalled, and no id has two. */
import assert from "node:assert/strict";
import { CisError } from "../../../lib/errors.ts";
import type { Node } from "../../../lib/node.ts";
import { parseScopeText, type Scope } from "../../../lib/schema/scope.ts";
import { processIdentity } from "../../../lib/worker/process_identity.ts";
import { newRecord, WorkerStore } from "../../../lib/worker/worker_store.ts";
import { gone, isRunning } from "../../helpers/child_worker.ts";
import { FakeWorker, fakeWorker } from "../../helpers/fake_worker.ts";
import { runEnded, storeShows, withNode } from "../../helpers/test_node.ts";
import { historyOf, historyShows, pidOf, startShell, WORKER } from "../../helpers/worker_watch.ts";

const SCOPE = parseScopeText("project:abc") as Scope;

/** Writes a worker as an earlier life of the node would have left it. */
function leave(node: Node, process: { pid: number; pidStarted: string }): void {
  const names = { workerId: WORKER, scope: SCOPE, roomId: `!${WORKER}:node1`, nodeId: "node1" };
  const record = newRecord(names);
  const columns = { instance: "i", secretHash: "h", startedAt: 1, status: "running" as const };
  new WorkerStore(node.db).save({ ...record, ...columns, ...process });
}

Deno.test("an innocent process that has a dead worker's pid is never signalled", async (t) => {
  const innocent = new Deno.Command("sleep", { args: ["600"], detached: true }).spawn();
  try {
    const identity = processIdentity(innocent.pid) ?? "";
    const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
    const stat = Deno.readTextFileSync(`/proc/${innocent.pid}/stat`);
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    const others = {
      "started at another moment": `${boot}/${Number(ticks) + 1}`,
      "started at that very moment of another boot": `${crypto.randomUUID()}/${ticks}`,
      "known by its moment alone, as older versions wrote it": ticks,
    };
    for (const [what, pidStarted] of Object.entries(others)) {
      await t.step(what, async () => {
        const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
        try {
          await withNode(({ node }) => {
            leave(node, { pid: innocent.pid, pidStarted });
            return Promise.resolve();
          }, { dataDir });
          await withNode(async (test) => {
            await historyShows(test, /^crashed: its process was gone when the node started$/);
            test.node.supervisor.stop(WORKER);
            await runEnded(test.node, await startShell(test.fetch, "true"));
            assert.notEqual(pidOf(test), innocent.pid);
          }, { dataDir, config: { reconnect_grace_ms: 50, stop_grace_ms: 50 } });
        } finally {
          await Deno.remove(dataDir, { recursive: true });
        }
        assert.ok(isRunning(innocent.pid));
      });
    }
    await t.step("while the very process is ended when it doesn't come back", async () => {
      const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
      try {
        await withNode(({ node }) => {
          leave(node, { pid: innocent.pid, pidStarted: identity });
          return Promise.resolve();
        }, { dataDir });
        await withNode(async (test) => {
          await historyShows(test, /^crashed: it did not come back to its node within 50 ms$/);
          await gone(innocent.pid);
        }, { dataDir, config: { reconnect_grace_ms: 50 } });
      } finally {
        await Deno.remove(dataDir, { recursive: true });
      }
    });
  } finally {
    if (isRunning(innocent.pid)) innocent.kill("SIGKILL");
    await innocent.status;
  }
});

Deno.test("a worker of a terminal can't pass another process off as itself", async () => {
  await withNode(async (test) => {
    await using other = await fakeWorker(test.node, "user:u");
    const { bootstrap } = test.node.supervisor.admit({ scope: SCOPE });
    for (const pid of [Deno.pid, other.pid]) {
      await using liar = new FakeWorker(bootstrap);
      await liar.open();
      const { instance, worker_id } = bootstrap;
      liar.send("io.cis.worker.ready", { worker_id, instance, pid, active: [] });
      await liar.settled();
      assert.equal(test.node.supervisor.get(WORKER).pid, null);
    }
    test.node.supervisor.stop(WORKER);
    await historyShows(test, /^stopped: /);
    assert.ok(isRunning(other.pid));
  });
});

Deno.test("one worker for each id, whoever starts it first", async (t) => {
  await withNode(async (test) => {
    const { supervisor } = test.node;
    const start = { method: "POST", body: { scope: SCOPE } } as const;
    await t.step("of many who start it in a terminal one gets the place", async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => test.fetch("/api/v1/workers", start)),
      );
      const codes = answers.map(({ status }) => status).sort();
      assert.deepEqual(codes, [200, ...Array(7).fill(409)]);
      const problem = await answers.find(({ status }) => status === 409)?.json();
      assert.equal(problem.code, "worker_exists");
    });
    await t.step("a run waits for that one instead of starting its own", async () => {
      const before = supervisor.get(WORKER);
      await startShell(test.fetch, "true");
      const after = supervisor.get(WORKER);
      assert.deepEqual([after.instance, after.managedBy], [before.instance, "cli"]);
    });
    await t.step("a terminal is refused while the node's own starts", async () => {
      await startShell(test.fetch, "true", { project: "other" });
      await storeShows(test.node, () => supervisor.list().some(isOther));
      assert.throws(
        () => supervisor.admit({ scope: parseScopeText("project:other") as Scope }),
        (error) => error instanceof CisError && error.code === "worker_exists",
      );
    });
  });
});

function isOther({ workerId }: { workerId: string }): boolean {
  return workerId === "worker-project-other";
}

Deno.test("who was given up for lost has no place any more", async () => {
  await withNode(async (test) => {
    await using worker = await fakeWorker(test.node, "project:abc");
    await worker.disconnect();
    await historyShows(test, /^crashed: it did not come back/);
    await worker.open();
    const isRefused = (): boolean => worker.frames.some(({ op }) => op === "refused");
    await worker.until(() => isRefused() || worker.isClosed);
    assert.ok(isRefused());
  }, { config: { reconnect_grace_ms: 100 } });
});

Deno.test("a node that ends leaves the worker of a terminal alone, which has its own time to end", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "cis-test-" });
  const { promise, resolve } = Promise.withResolvers<FakeWorker>();
  let reports: string[] = [];
  try {
    await withNode(async (test) => {
      reports = test.reports;
      resolve(await fakeWorker(test.node, "project:abc"));
    }, { dataDir, config: { reconnect_grace_ms: 0 } });
    await using worker = await promise;
    await worker.until(() => worker.isClosed);
    await withNode(async (test) => {
      // Neither the end of the connection nor the time since then has become an end of the worker.
      assert.deepEqual(historyOf(test).at(-1), "running: it is ready");
      assert.ok(isRunning(worker.pid));
      await worker.connect();
      assert.equal(test.node.supervisor.get(WORKER).status, "running");
    }, { dataDir });
    assert.deepEqual(reports, [], "the node that has ended does nothing any more");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
