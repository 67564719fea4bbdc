/** Runs that are for another node, with real nodes that get killed at any time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Client, dataOf } from "../../lib/api/client.ts";
import type { Analysis } from "../../lib/schema/analysis.ts";
import type { RunView } from "../../lib/schema/api.ts";
import { NodeFleet } from "../helpers/node_fleet.ts";
import { publishAndConfirm, waitForEnd, waitForEvent } from "../helpers/node_process.ts";

/** A DAG whose tasks write a line for each time that they run into a file of their own. */
function marking(marks: string, more: object = {}): Record<string, unknown> {
  return {
    dag_id: "d",
    scope: { type: "project", project_id: "p" },
    tasks: [
      {
        id: "a",
        command: `echo ran >> ${join(marks, "a")}; echo on $0 a; echo who=me >> $CIS_OUTPUT`,
      },
      {
        id: "b",
        depends_on: ["a"],
        command: `echo "ran $CIS_INPUT_A_WHO" >> ${join(marks, "b")}; sleep 0.3`,
      },
    ],
    ...more,
  };
}

/** How often each task has run, over all nodes. */
async function marksOf(marks: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for await (const { name } of Deno.readDir(marks)) {
    found[name] = (await Deno.readTextFile(join(marks, name))).trim().split("\n");
  }
  return found;
}

async function withFleet(
  ids: readonly string[],
  use: (fleet: NodeFleet, marks: string) => Promise<void>,
  config: object = {},
): Promise<void> {
  const marks = await Deno.makeTempDir({ prefix: "cis-marks-" });
  try {
    await using fleet = await NodeFleet.start(ids, config);
    await use(fleet, marks);
  } finally {
    await Deno.remove(marks, { recursive: true });
  }
}

async function runOf(client: Client, runId: string): Promise<RunView> {
  return dataOf(await client.getRun(runId));
}

/** Waits until a run says why it waits. */
async function waitsBecause(client: Client, runId: string, why: RegExp): Promise<RunView> {
  const end = Date.now() + 20_000;
  for (;;) {
    const run = await runOf(client, runId);
    if (why.test(run.waiting?.message ?? "")) return run;
    if (Date.now() > end) throw new Error(`it waits because: ${JSON.stringify(run.waiting)}`);
    // Why a run waits is no event, and each answer takes a moment itself.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("a run for a known node is carried out there, and shown here as it is there", async () => {
  await withFleet(["node1", "node2"], async (fleet, marks) => {
    const { client } = fleet.get("node1");
    const { run_id } = await publishAndConfirm(client, marking(marks, { target_node: "node2" }));
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.equal(run.node_id, "node2");
    assert.deepEqual(await marksOf(marks), { a: ["ran"], b: ["ran me"] });
    const there = await runOf(fleet.get("node2").client, run_id);
    assert.deepEqual(
      run.tasks.map(({ waiting: _, ...task }) => task),
      there.tasks.map(({ waiting: _, ...task }) => task),
    );
    assert.deepEqual(run.tasks[0]?.outputs, { who: "me" });
    const { lines } = dataOf(await client.runLogs(run_id));
    assert.deepEqual(lines.map(({ text }) => text), ["on /bin/sh a"]);
    const task = dataOf(await client.runLogs(run_id, { taskId: "b" }));
    assert.deepEqual(task.lines, []);
    const workers = dataOf(await client.workers());
    assert.equal(workers.count, 0, "no worker was started here");
  });
});

Deno.test("the cause of a failure comes back, and a retry takes what had completed along", async () => {
  await withFleet(["node1", "node2"], async (fleet, marks) => {
    const { client } = fleet.get("node1");
    const doc = marking(marks, { target_node: "node2" });
    const [a, b] = doc["tasks"] as { command: string }[];
    assert.ok(a && b);
    b.command = `test -e ${join(marks, "ok")} || exit 3; ${b.command}`;
    const { run_id } = await publishAndConfirm(client, doc);
    const failed = await waitForEnd(client, run_id);
    assert.equal(failed.status, "failed");
    assert.match(failed.error ?? "", /task "b" failed/);
    assert.equal(failed.tasks[1]?.attempts[0]?.exit_code, 3);
    await Deno.writeTextFile(join(marks, "ok"), "");
    const retry = dataOf(await client.retryRun(run_id));
    const run = await waitForEnd(client, retry.run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    const { a: aMarks, b: bMarks } = await marksOf(marks);
    assert.deepEqual([aMarks, bMarks], [["ran"], ["ran me"]], "a kept its result");
  });
});

Deno.test("a run for an unknown node waits, says why, and never runs elsewhere", async () => {
  await withFleet(["node1", "node2"], async (fleet, marks) => {
    const { client } = fleet.get("node1");
    const { run_id } = await publishAndConfirm(client, marking(marks, { target_node: "nowhere" }));
    const run = await waitsBecause(client, run_id, /the node "nowhere" is not known to node1/);
    assert.equal(run.status, "queued");
    assert.equal(run.waiting?.code, "other_node");
    const { blockers } = dataOf(await client.analyze("d")) as unknown as Analysis;
    assert.match(blockers[0]?.message ?? "", /nowhere/);
    dataOf(await client.cancelRun(run_id));
    assert.equal((await runOf(client, run_id)).status, "cancelled");
    assert.deepEqual(await marksOf(marks), {});
  });
});

Deno.test("a run for a node that is down waits until it is back, across a kill of its own node", async () => {
  await withFleet(["node1", "node2"], async (fleet, marks) => {
    await fleet.get("node2").killHard();
    const { run_id } = await publishAndConfirm(
      fleet.get("node1").client,
      marking(marks, { target_node: "node2" }),
    );
    await waitsBecause(fleet.get("node1").client, run_id, /can't be reached|refused/i);
    await fleet.get("node1").killHard();
    await fleet.begin("node1");
    await waitsBecause(fleet.get("node1").client, run_id, /can't be reached|refused/i);
    assert.deepEqual(await marksOf(marks), {});
    await fleet.begin("node2");
    const run = await waitForEnd(fleet.get("node1").client, run_id, 60_000);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.deepEqual(await marksOf(marks), { a: ["ran"], b: ["ran me"] });
  });
});

for (const victim of ["node1", "node2"]) {
  Deno.test(`kill -9 of ${victim} while node2 runs a task of node1: no run is lost or doubled`, async () => {
    await withFleet(["node1", "node2"], async (fleet, marks) => {
      const doc = marking(marks, { target_node: "node2" });
      const { run_id } = await publishAndConfirm(fleet.get("node1").client, doc);
      await waitForEvent(
        fleet.get("node1").client,
        run_id,
        ({ type, task_id }) => type === "task.running" && task_id === "b",
      );
      await fleet.get(victim).killHard();
      await fleet.begin(victim);
      const run = await waitForEnd(fleet.get("node1").client, run_id, 60_000);
      assert.equal(run.status, "completed", run.error ?? "");
      const { a, b = [] } = await marksOf(marks);
      assert.deepEqual(a, ["ran"], "what had completed did not run again");
      assert.equal(b.length, run.tasks[1]?.attempts.length, "as often as there are attempts");
      const there = dataOf(await fleet.get("node2").client.listRuns({ dagId: "d" }));
      assert.deepEqual(there.runs.map(({ run_id }) => run_id), [run_id]);
    });
  });
}

Deno.test("kill -9 of either node around the handing over: every run is carried out once", async () => {
  await withFleet(["node1", "node2"], async (fleet, marks) => {
    const runs: string[] = [];
    for (let round = 0; round < 6; round++) {
      const name = `d${round}`;
      const doc = {
        dag_id: name,
        scope: { type: "project", project_id: "p" },
        target_node: "node2",
        tasks: [{ id: "t", command: `echo ran >> ${join(marks, name)}`, idempotent: false }],
      };
      const { run_id } = await publishAndConfirm(fleet.get("node1").client, doc);
      runs.push(run_id);
      const victim = round % 2 === 0 ? "node1" : "node2";
      // At once: before, within or behind the request that hands it over.
      await fleet.get(victim).killHard();
      await fleet.begin(victim);
    }
    for (const [round, run_id] of runs.entries()) {
      const run = await waitForEnd(fleet.get("node1").client, run_id, 60_000);
      const lines = (await marksOf(marks))[`d${round}`] ?? [];
      assert.ok(lines.length <= 1, `${run_id} ran ${lines.length} times`);
      // A task that is not idempotent and whose worker was killed with its node is told of as failed.
      if (run.status === "completed") assert.deepEqual(lines, ["ran"]);
      else assert.match(run.error ?? "", /not idempotent/);
    }
  });
});

Deno.test("a cancel reaches the other node, also when that was down", async () => {
  await withFleet(["node1", "node2"], async (fleet, marks) => {
    const { client } = fleet.get("node1");
    const doc = {
      dag_id: "long",
      scope: { type: "global" },
      target_node: "node2",
      tasks: [{ id: "t", command: `sleep 60; echo no >> ${join(marks, "t")}` }],
    };
    const { run_id } = await publishAndConfirm(client, doc);
    await waitForEvent(client, run_id, ({ type }) => type === "task.running");
    assert.equal(dataOf(await client.cancelRun(run_id)).status, "cancelled");
    const there = await waitForEnd(fleet.get("node2").client, run_id);
    assert.equal(there.status, "cancelled");
    assert.match(there.error ?? "", /cancelled by node1 \(cancelled by owner\)/);
    const again = dataOf(await client.runDag("long"));
    await waitForEvent(client, again.run_id, ({ type }) => type === "task.running");
    await fleet.get("node2").killHard();
    dataOf(await client.cancelRun(again.run_id));
    await fleet.begin("node2");
    assert.equal((await waitForEnd(fleet.get("node2").client, again.run_id)).status, "cancelled");
    assert.deepEqual(await marksOf(marks), {});
  });
});

Deno.test("a run for any node is carried out by exactly one of three", async () => {
  await withFleet(["node1", "node2", "node3"], async (fleet, marks) => {
    const { client } = fleet.get("node1");
    const runs: string[] = [];
    for (let at = 0; at < 8; at++) {
      const doc = {
        dag_id: `any${at}`,
        scope: { type: "global" },
        target_node: "*",
        tasks: [{ id: "t", command: `echo ran >> ${join(marks, `any${at}`)}; sleep 0.5` }],
      };
      runs.push((await publishAndConfirm(client, doc)).run_id);
    }
    const nodes = new Set<string>();
    for (const run_id of runs) {
      const run = await waitForEnd(client, run_id, 60_000);
      assert.equal(run.status, "completed", run.error ?? "");
      nodes.add(run.node_id);
      let holders = 0;
      for (const id of ["node2", "node3"]) {
        const found = await fleet.get(id).client.getRun(run_id);
        if (found.ok) holders++;
      }
      assert.equal(holders, run.node_id === "node1" ? 0 : 1, `${run_id} is on ${run.node_id}`);
    }
    assert.ok(nodes.size > 1, `all ran on ${[...nodes].join()}`);
    const found = await marksOf(marks);
    assert.deepEqual(found, Object.fromEntries(runs.map((_, at) => [`any${at}`, ["ran"]])));
    await fleet.get("node2").killHard();
    await fleet.get("node3").killHard();
    const alone = await publishAndConfirm(client, {
      dag_id: "alone",
      scope: { type: "global" },
      target_node: "*",
      tasks: [{ id: "t", type: "noop" }],
    });
    assert.equal((await waitForEnd(client, alone.run_id)).node_id, "node1");
  });
});
