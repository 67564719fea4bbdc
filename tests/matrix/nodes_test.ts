/** Several real nodes that share a room on a real homeserver: who gets a run, and who gets it next. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dataOf } from "../../lib/api/client.ts";
import { publishAndConfirm, waitForEnd } from "../helpers/node_process.ts";
import {
  assertOneAtATime,
  holderOf,
  linesOf,
  marking,
  occupy,
  ORPHAN_MS,
  QUICK,
  runOf,
  SCOPE,
  spansOf,
  until,
  withFleet,
} from "./nodes_fixture.ts";

Deno.test("nodes that share a room", async (t) => {
  await withFleet(async (fleet, marks) => {
    await t.step(
      "a run for a node reaches it by the room, and is shown as it is there",
      async () => {
        const { client } = fleet.get("node1");
        const { run_id } = await publishAndConfirm(client, {
          dag_id: "there",
          scope: SCOPE,
          target_node: "node2",
          tasks: [
            { id: "a", command: `echo ran >> ${join(marks, "a")}; echo who=me >> $CIS_OUTPUT` },
            {
              id: "b",
              depends_on: ["a"],
              command: `echo "ran $CIS_INPUT_A_WHO" >> ${join(marks, "b")}`,
            },
          ],
        });
        const run = await waitForEnd(client, run_id);
        assert.equal(run.status, "completed", run.error ?? "");
        assert.equal(run.node_id, "node2");
        assert.deepEqual(await linesOf(join(marks, "a")), ["ran"]);
        assert.deepEqual(await linesOf(join(marks, "b")), ["ran me"]);
        assert.deepEqual(run.tasks[0]?.outputs, { who: "me" });
        const logs = await client.runLogs(run_id);
        assert.equal(logs.ok ? "" : logs.problem.code, "node_unknown");
        const there = await runOf(fleet.get("node2").client, run_id);
        assert.deepEqual(
          run.tasks.map(({ waiting: _, ...task }) => task),
          there.tasks.map(({ waiting: _, ...task }) => task),
        );
        assert.equal((await fleet.get("node3").client.getRun(run_id)).ok, false);
      },
    );

    await t.step(
      "runs for any node are carried out by exactly one each, and by several",
      async () => {
        const { client } = fleet.get("node1");
        const runs: string[] = [];
        for (let at = 0; at < 6; at++) {
          runs.push(
            (await publishAndConfirm(client, {
              dag_id: `any${at}`,
              scope: SCOPE,
              target_node: "*",
              tasks: [{ id: "t", command: `echo ran >> ${join(marks, `any${at}`)}; sleep 1` }],
            })).run_id,
          );
        }
        const nodes = new Set<string>();
        for (const [at, run_id] of runs.entries()) {
          const run = await waitForEnd(client, run_id);
          assert.equal(run.status, "completed", run.error ?? "");
          assert.deepEqual(await linesOf(join(marks, `any${at}`)), ["ran"]);
          nodes.add(run.node_id);
          let holders = 0;
          for (const id of ["node2", "node3"]) {
            if ((await fleet.get(id).client.getRun(run_id)).ok) holders++;
          }
          assert.equal(holders, run.node_id === "node1" ? 0 : 1, `${run_id} is on ${run.node_id}`);
        }
        assert.ok(nodes.size > 1, `all ran on ${[...nodes].join()}`);
      },
    );

    await t.step(
      "a cancel reaches the node that has the run, also when that was down",
      async () => {
        const { client } = fleet.get("node1");
        const doc = {
          dag_id: "long",
          scope: SCOPE,
          target_node: "node2",
          tasks: [{ id: "t", command: "sleep 60" }],
        };
        const { run_id } = await publishAndConfirm(client, doc);
        await holderOf(fleet, run_id, ["node2"]);
        assert.equal(dataOf(await client.cancelRun(run_id)).status, "cancelled");
        const there = await waitForEnd(fleet.get("node2").client, run_id);
        assert.equal(there.status, "cancelled");
        assert.match(there.error ?? "", /cancelled by node1 \(cancelled by owner\)/);
        const again = dataOf(await client.runDag("long"));
        await holderOf(fleet, again.run_id, ["node2"]);
        await fleet.get("node2").killHard();
        dataOf(await client.cancelRun(again.run_id));
        await fleet.begin("node2");
        assert.equal(
          (await waitForEnd(fleet.get("node2").client, again.run_id)).status,
          "cancelled",
        );
      },
    );

    await t.step(
      "a run for a node that is down waits for it, and is carried out once",
      async () => {
        await fleet.get("node2").killHard();
        const { run_id } = await publishAndConfirm(fleet.get("node1").client, {
          dag_id: "waits",
          scope: SCOPE,
          target_node: "node2",
          tasks: [{ id: "t", command: `echo ran >> ${join(marks, "waits")}`, idempotent: false }],
        });
        await fleet.get("node1").killHard();
        await fleet.begin("node1");
        const waiting = await runOf(fleet.get("node1").client, run_id);
        assert.match(waiting.waiting?.message ?? "", /node2, which hasn't answered yet/);
        await fleet.begin("node2");
        const run = await waitForEnd(fleet.get("node1").client, run_id);
        assert.equal(run.status, "completed", run.error ?? "");
        assert.deepEqual(await linesOf(join(marks, "waits")), ["ran"]);
      },
    );
  });
});

Deno.test("a node that is killed loses its claim after its lease, and another goes on", async () => {
  await withFleet(async (fleet, marks) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "kept",
      scope: SCOPE,
      target_node: "*",
      tasks: [
        { id: "a", command: `echo ran >> ${join(marks, "a")}; echo half=0.5 >> $CIS_OUTPUT` },
        { id: "b", depends_on: ["a"], command: marking(join(marks, "b"), 6) },
      ],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    await until(async () => (await linesOf(join(marks, "b"))).length > 5 ? true : undefined);
    // What the room has been told of is kept.
    await until(async () =>
      (await runOf(client, run_id)).tasks[0]?.status === "completed" ? true : undefined
    );
    const killedAt = Date.now();
    await fleet.get(first).killHard();
    const other = first === "node2" ? "node3" : "node2";
    const second = await holderOf(fleet, run_id, [other]);
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.equal(run.node_id, second);
    assert.deepEqual(await linesOf(join(marks, "a")), ["ran"], "what had completed is kept");
    const spans = await spansOf(join(marks, "b"));
    assert.equal(spans.length, 2);
    assertOneAtATime(spans);
    const [lost, done] = spans;
    assert.ok(lost !== undefined && done !== undefined);
    // Its worker outlives it by the grace, and no longer.
    assert.ok(
      lost.to > killedAt && lost.to < killedAt + ORPHAN_MS + 3_000,
      `${lost.to - killedAt}`,
    );
    assert.ok(done.from > killedAt + ORPHAN_MS, "not before its lease was over");
    assert.deepEqual(run.tasks[1]?.attempts.map(({ status }) => status), ["lost", "completed"]);
    // Back again it doesn't go on with what is another's now.
    await fleet.begin(first);
    const there = await waitForEnd(fleet.get(first).client, run_id);
    assert.equal(there.status, "completed");
    assert.equal((await spansOf(join(marks, "b"))).length, 2);
  }, QUICK);
});

Deno.test("it goes on also when the node that it was confirmed on is gone as well", async () => {
  await withFleet(async (fleet, marks) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "orphaned",
      scope: SCOPE,
      target_node: "*",
      tasks: [
        { id: "a", command: marking(join(marks, "a"), 4) },
        { id: "once", command: "sleep 4", idempotent: false },
      ],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    await until(async () => (await linesOf(join(marks, "a"))).length > 5 ? true : undefined);
    await fleet.get(first).killHard();
    await fleet.get("node1").killHard();
    const other = first === "node2" ? "node3" : "node2";
    await holderOf(fleet, run_id, [other]);
    const run = await waitForEnd(fleet.get(other).client, run_id);
    assert.equal(run.tasks[0]?.status, "completed");
    assert.match(run.error ?? "", /not idempotent, so it was not run again/);
    await fleet.begin("node1");
    const shown = await waitForEnd(fleet.get("node1").client, run_id);
    assert.deepEqual([shown.status, shown.error], ["failed", run.error]);
    assert.equal(shown.node_id, other);
    const spans = await spansOf(join(marks, "a"));
    assert.equal(spans.length, 2);
    assertOneAtATime(spans);
  }, QUICK);
});

Deno.test("a node that is back before its lease is over keeps what it had", async () => {
  await withFleet(async (fleet, marks) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "back",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(join(marks, "a"), 5) }],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    await until(async () => (await linesOf(join(marks, "a"))).length > 5 ? true : undefined);
    await fleet.get(first).killHard();
    await fleet.begin(first);
    const run = await waitForEnd(client, run_id);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.equal(run.node_id, first);
    assert.equal((await spansOf(join(marks, "a"))).length, 1);
  }, { ...QUICK, matrix: { hold_ms: 20_000 } });
});

Deno.test("a node that stands still has lost its run when it goes on, and its workers have ended before", async () => {
  await withFleet(async (fleet, marks) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "still",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(join(marks, "a"), 12) }],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    await until(async () => (await linesOf(join(marks, "a"))).length > 5 ? true : undefined);
    Deno.kill(fleet.get(first).pid, "SIGSTOP");
    try {
      const other = first === "node2" ? "node3" : "node2";
      await holderOf(fleet, run_id, [other]);
      await until(async () => (await spansOf(join(marks, "a"))).length > 1 ? true : undefined);
    } finally {
      Deno.kill(fleet.get(first).pid, "SIGCONT");
    }
    const run = await waitForEnd(client, run_id, 60_000);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.notEqual(run.node_id, first);
    const there = await waitForEnd(fleet.get(first).client, run_id, 60_000);
    assert.equal(there.node_id, run.node_id);
    const spans = await spansOf(join(marks, "a"));
    assert.equal(spans.length, 2);
    assertOneAtATime(spans);
  }, QUICK);
});

Deno.test("while the homeserver is away for longer than claims are held, nobody has the run; then somebody goes on", async () => {
  await withFleet(async (fleet, marks, synapse) => {
    const { client } = fleet.get("node1");
    const file = join(marks, "a");
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "away",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(file, 8) }],
    });
    // What is for a node itself needs no homeserver.
    const own = await publishAndConfirm(client, {
      dag_id: "own",
      scope: { type: "user", user_id: "u" },
      tasks: [{ id: "t", command: marking(join(marks, "own"), 15) }],
    });
    await until(async () => (await linesOf(file)).length > 5 ? true : undefined);
    const stoppedAt = Date.now();
    await synapse.stop();
    for (let before = -1; before !== (await linesOf(file)).length;) {
      before = (await linesOf(file)).length;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    const [lost] = await spansOf(file);
    assert.ok(lost !== undefined && lost.to < stoppedAt + 3_000 + 1_000, "it was put down in time");
    await synapse.start();
    const run = await waitForEnd(client, run_id, 90_000);
    assert.equal(run.status, "completed", run.error ?? "");
    const spans = await spansOf(file);
    assert.equal(spans.length, 2);
    assertOneAtATime(spans);
    assert.equal((await waitForEnd(client, own.run_id)).status, "completed");
    assert.equal((await spansOf(join(marks, "own"))).length, 1);
  }, { ...QUICK, placeOf: () => undefined });
});
