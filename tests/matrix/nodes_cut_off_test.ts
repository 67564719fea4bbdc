/** Nodes in networks of their own, one of which is cut off from the homeserver with a run that it has. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type NetNamespace, netNamespace, netNamespaceObstacle } from "../helpers/net_namespace.ts";
import { publishAndConfirm, waitForEnd } from "../helpers/node_process.ts";
import type { RoomFleet } from "../helpers/room_fleet.ts";
import {
  assertOneAtATime,
  holderOf,
  linesOf,
  marking,
  occupy,
  ORPHAN_MS,
  QUICK,
  SCOPE,
  spansOf,
  until,
  withFleet,
} from "./nodes_fixture.ts";

const HOLD_MS = 3_000;

/** Runs `use` with node1 beside the homeserver, and node2 and node3 behind a cable each. */
async function withCables(
  use: (
    fleet: RoomFleet,
    marks: string,
    cables: ReadonlyMap<string, NetNamespace>,
  ) => Promise<void>,
): Promise<void> {
  const obstacle = await netNamespaceObstacle();
  if (obstacle !== undefined) {
    if (Deno.env.get("CI") === "true") throw new Error(`not run: ${obstacle}`);
    return void Deno.stderr.writeSync(new TextEncoder().encode(`not run: ${obstacle}\n`));
  }
  await using node2 = await netNamespace();
  await using node3 = await netNamespace();
  const cables = new Map([["node2", node2], ["node3", node3]]);
  await withFleet((fleet, marks) => use(fleet, marks, cables), {
    ...QUICK,
    matrix: { hold_ms: HOLD_MS },
    synapse: { addresses: [node2.outside, node3.outside] },
    placeOf: (id) => {
      const cable = cables.get(id);
      if (cable === undefined) return QUICK.placeOf?.(id);
      const { outside, inside, prefix } = cable;
      return {
        homeserverHost: outside,
        start: { prefix },
        config: { host: inside, allowed_hosts: [inside] },
      };
    },
  });
}

Deno.test("a node that is cut off stops before another takes its run over", async () => {
  await withCables(async (fleet, marks, cables) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const file = join(marks, "a");
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "cut",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(file, 8) }],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    const cable = cables.get(first);
    assert.ok(cable !== undefined);
    await until(async () => (await linesOf(file)).length > 5 ? true : undefined);

    const cutAt = Date.now();
    await cable.cut();
    const other = first === "node2" ? "node3" : "node2";
    await holderOf(fleet, run_id, [other]);
    const run = await waitForEnd(client, run_id, 60_000);
    assert.equal(run.status, "completed", run.error ?? "");
    assert.equal(run.node_id, other);
    const spans = await spansOf(file);
    assert.equal(spans.length, 2, "it was begun once more, and by nobody else");
    assertOneAtATime(spans);
    const [lost, done] = spans;
    assert.ok(lost !== undefined && done !== undefined);
    // It went on for as long as it might, and was over well before the other one began.
    assert.ok(lost.to < cutAt + HOLD_MS + 1_000, `it went on for ${lost.to - cutAt} ms`);
    assert.ok(done.from - lost.to > ORPHAN_MS, `there were ${done.from - lost.to} ms between`);
    assert.match(fleet.get(first).output(), /not carried out here any more: its claim could not/);

    // Back again, it shows what has become of the run, and does nothing about it.
    await cable.mend();
    const there = await waitForEnd(fleet.get(first).client, run_id, 90_000);
    assert.deepEqual([there.status, there.node_id], ["completed", other]);
    assert.equal((await spansOf(file)).length, 2);
  });
});

Deno.test("a cut that is shorter than the claim is held changes nothing", async () => {
  await withCables(async (fleet, marks, cables) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const file = join(marks, "a");
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "short",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(file, 6) }],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    const cable = cables.get(first);
    assert.ok(cable !== undefined);
    await until(async () => (await linesOf(file)).length > 5 ? true : undefined);
    await cable.cut();
    const before = (await linesOf(file)).length;
    await until(async () => (await linesOf(file)).length > before + 10 ? true : undefined);
    await cable.mend();
    const run = await waitForEnd(client, run_id, 60_000);
    assert.deepEqual([run.status, run.node_id], ["completed", first]);
    assert.equal((await spansOf(file)).length, 1);
  });
});
