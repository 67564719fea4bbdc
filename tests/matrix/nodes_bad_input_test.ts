/** What in the nodes' room isn't theirs to say who say it, isn't valid, or comes twice: nobody is harmed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { credentialsPath, readCredentials } from "../../lib/matrix/credentials.ts";
import { admitNode, dismissNode, roomOwner } from "../../lib/matrix/nodes_room_setup.ts";
import { publishAndConfirm, waitForEnd } from "../helpers/node_process.ts";
import type { RoomFleet } from "../helpers/room_fleet.ts";
import type { MatrixUser, Synapse } from "../helpers/synapse.ts";
import {
  assertOneAtATime,
  holderOf,
  linesOf,
  marking,
  occupy,
  QUICK,
  runOf,
  SCOPE,
  spansOf,
  until,
  withFleet,
} from "./nodes_fixture.ts";

let sent = 0;

/** Speaks in the nodes' room as some account. */
function speaker(
  synapse: Synapse,
  { user, room }: { user: MatrixUser; room: string },
): (type: string, content: object) => Promise<void> {
  return async (type, content) => {
    const path = `/rooms/${encodeURIComponent(room)}/send/${type}/bad${sent++}`;
    await synapse.call(user, { method: "PUT", path, body: content });
  };
}

/** A node's own account. */
function accountOf(fleet: RoomFleet, id: string): MatrixUser & { readonly room: string } {
  const credentials = readCredentials(credentialsPath(fleet.dataDir(id)));
  assert.ok(credentials?.nodes_room !== undefined);
  return { ...credentials, room: credentials.nodes_room };
}

/** Waits until a node has complained. */
async function complains(fleet: RoomFleet, id: string, of: RegExp): Promise<void> {
  await until(() => Promise.resolve(of.test(fleet.get(id).output()) ? true : undefined), 15_000);
}

Deno.test("who is no node has nothing to say in the nodes' room, whatever the room lets them", async () => {
  await withFleet(async (fleet, marks, synapse) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "kept",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(join(marks, "a"), 3) }],
    });
    const holder = await holderOf(fleet, run_id, ["node2", "node3"]);
    const { room } = accountOf(fleet, "node1");
    const mallory = await synapse.register("mallory");
    const owner = roomOwner(fleet.dataDir("node1"));
    // As much as a node may in the room, but the room doesn't say that it is one.
    await admitNode(owner, { nodeId: "mallory", userId: mallory.user_id });
    await dismissNode(owner, "mallory");
    await synapse.call(accountOf(fleet, "node1"), {
      method: "POST",
      path: `/rooms/${encodeURIComponent(room)}/invite`,
      body: { user_id: mallory.user_id },
    });
    await synapse.call(mallory, { method: "POST", path: `/join/${room}`, body: {} });
    await raise(synapse, accountOf(fleet, "node1"), mallory.user_id);

    const say = speaker(synapse, { user: mallory, room });
    const { body, lastEvent } = await sharedOf(fleet, "node1", run_id);
    await say("io.cis.dag.cancel", { v: 1, run_id, reason: "because" });
    await say("io.cis.dag.claim", {
      v: 1,
      run_id,
      generation: 2,
      after: lastEvent,
      claim: crypto.randomUUID(),
      lease_ms: 1,
    });
    await say("io.cis.dag.claim", { v: 1, lease_ms: 1, renewed: [{ run_id, generation: 7 }] });
    const execute = { ...body, run_id: `dag-run-${crypto.randomUUID()}` };
    await say("io.cis.dag.execute", JSON.parse(JSON.stringify(execute, wholeNumbers)));
    for (const id of ["node1", "node2", "node3"]) {
      await complains(
        fleet,
        id,
        /@mallory:matrix\.test sent "io\.cis\.dag\.\w+" in the nodes' room, and/,
      );
    }
    const run = await waitForEnd(client, run_id);
    assert.deepEqual([run.status, run.node_id], ["completed", holder]);
    assert.equal((await spansOf(join(marks, "a"))).length, 1);
    for (const id of ["node1", "node2", "node3"]) {
      assert.equal((await fleet.get(id).client.getRun(execute.run_id)).ok, false);
    }
  }, QUICK);
});

Deno.test("a node that says what is not valid, or says it again, harms nobody", async () => {
  await withFleet(async (fleet, marks, synapse) => {
    const { client } = fleet.get("node1");
    const node1 = accountOf(fleet, "node1");
    const node3 = accountOf(fleet, "node3");
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "once",
      scope: SCOPE,
      target_node: "node2",
      tasks: [{ id: "a", command: `echo ran >> ${join(marks, "once")}; sleep 2` }],
    });
    await holderOf(fleet, run_id, ["node2"]);
    const asNode1 = speaker(synapse, { user: node1, room: node1.room });
    const asNode3 = speaker(synapse, { user: node3, room: node3.room });
    const { body } = await sharedOf(fleet, "node1", run_id);
    const asText = { v: 1, json: JSON.stringify(body) };
    // The same once more, as after a crash that forgot its number.
    await asNode1("io.cis.dag.execute", asText);
    await asNode1("io.cis.dag.execute", asText);
    // A run of another one under one's own name.
    await asNode3("io.cis.dag.execute", asText);
    await asNode3("io.cis.dag.cancel", { v: 1, run_id, reason: "it isn't mine" });
    await asNode3("io.cis.dag.status", { v: 1, run_id, refused: "it isn't for me" });
    const claim = { v: 1, run_id, claim: crypto.randomUUID(), lease_ms: 1, after: "$nothing" };
    await asNode3("io.cis.dag.claim", { ...claim, generation: 2 });
    // From the future: of a version, and of a generation, that there isn't yet.
    await asNode3("io.cis.dag.claim", { ...claim, generation: 99 });
    await asNode3("io.cis.dag.cancel", { v: 2, run_id, reason: "the future" });
    await complains(
      fleet,
      "node1",
      /@cis-node3:matrix\.test sent an event "io\.cis\.dag\.cancel" that is not/,
    );
    await asNode3("io.cis.dag.execute", { v: 1, json: "{" });
    await asNode3("io.cis.dag.execute", {
      v: 1,
      json: JSON.stringify({ ...body, spec_hash: "x" }),
    });
    await asNode3("io.cis.dag.status", { v: 1, run_id, generation: 1, view: { status: "failed" } });
    await asNode3("io.cis.dag.cancel", { v: 1, run_id, reason: "x".repeat(50_000) });
    const far = { url: "mxc://elsewhere.test/abc", sha256: "0" };
    await asNode3("io.cis.dag.execute", { v: 1, linked: far });
    const forged = JSON.stringify({
      ...body,
      run_id: `dag-run-${crypto.randomUUID()}`,
      spec_hash: "0".repeat(64),
    });
    await asNode3("io.cis.dag.execute", { v: 1, json: forged });
    const run = await waitForEnd(client, run_id);
    assert.deepEqual([run.status, run.node_id], ["completed", "node2"], run.error ?? "");
    assert.deepEqual(await linesOf(join(marks, "once")), ["ran"]);
    // What isn't what was confirmed is refused where it would be carried out, with the reason.
    const { reason } = await until(async () => {
      const row = await sharedOf(fleet, "node1", JSON.parse(forged).run_id);
      return row.reason === null ? undefined : row;
    });
    assert.match(reason ?? "", /node2 doesn't take it: spec_hash is 0+, and the spec's is/);
    // All of them go on.
    const next = await publishAndConfirm(client, {
      dag_id: "next",
      scope: SCOPE,
      target_node: "node3",
      tasks: [{ id: "a", type: "noop" }],
    });
    assert.equal((await waitForEnd(client, next.run_id)).status, "completed");
  });
});

Deno.test("a node takes runs of those alone whom it was told to take them of, and says so", async () => {
  await withFleet(async (fleet) => {
    const { client } = fleet.get("node1");
    const tokens = await fleet.get("node2").client.tokens({});
    assert.ok(tokens.ok);
    for (const { token_id, bound_to } of tokens.data.tokens) {
      if (bound_to === fleet.account("node1")) {
        assert.ok((await fleet.get("node2").client.revokeToken(token_id)).ok);
      }
    }
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "refused",
      scope: SCOPE,
      target_node: "node2",
      tasks: [{ id: "a", type: "noop" }],
    });
    await until(async () => {
      const { waiting } = await runOf(client, run_id);
      return /node2 has not been told to take runs of node1/.test(waiting?.message ?? "") ||
        undefined;
    });
    const user_id = fleet.account("node1");
    const bound = { user_id, name: "node1", roles: ["node" as const] };
    assert.ok((await fleet.get("node2").client.bindToken(bound)).ok);
    assert.equal((await waitForEnd(client, run_id)).status, "completed");
  });
});

Deno.test("a node that is dismissed stops what it has, and what it says doesn't count any more", async () => {
  await withFleet(async (fleet, marks, synapse) => {
    const { client } = fleet.get("node1");
    await occupy(client);
    const { run_id } = await publishAndConfirm(client, {
      dag_id: "passed",
      scope: SCOPE,
      target_node: "*",
      tasks: [{ id: "a", command: marking(join(marks, "a"), 6) }],
    });
    const first = await holderOf(fleet, run_id, ["node2", "node3"]);
    await until(async () => (await linesOf(join(marks, "a"))).length > 5 ? true : undefined);
    const account = accountOf(fleet, first);
    assert.equal(await dismissNode(roomOwner(fleet.dataDir("node1")), first), account.user_id);
    await assert.rejects(
      speaker(synapse, { user: account, room: account.room })("io.cis.dag.cancel", { v: 1 }),
      /403/,
    );
    // Let into the room again, and it still is no node.
    const owner = accountOf(fleet, "node1");
    await synapse.call(owner, {
      method: "POST",
      path: `/rooms/${encodeURIComponent(owner.room)}/invite`,
      body: { user_id: account.user_id },
    });
    await synapse.call(account, { method: "POST", path: `/join/${owner.room}`, body: {} });
    await raise(synapse, owner, account.user_id);
    const say = speaker(synapse, { user: account, room: owner.room });
    await say("io.cis.dag.claim", { v: 1, lease_ms: 1, renewed: [{ run_id, generation: 1 }] });
    await complains(
      fleet,
      "node1",
      /@cis-node\d:matrix\.test sent "io\.cis\.dag\.claim" in the nodes'/,
    );
    const other = first === "node2" ? "node3" : "node2";
    await holderOf(fleet, run_id, [other]);
    const run = await waitForEnd(client, run_id);
    assert.deepEqual([run.status, run.node_id], ["completed", other]);
    const spans = await spansOf(join(marks, "a"));
    assert.equal(spans.length, 2);
    assertOneAtATime(spans);
  }, QUICK);
});

/** Lets an account say in the room what nodes may. */
async function raise(
  synapse: Synapse,
  owner: MatrixUser & { readonly room: string },
  userId: string,
): Promise<void> {
  const path = `/rooms/${encodeURIComponent(owner.room)}/state/m.room.power_levels/`;
  const levels = await synapse.call(owner, { path }) as { users: Record<string, number> };
  const body = { ...levels, users: { ...levels.users, [userId]: 50 } };
  await synapse.call(owner, { method: "PUT", path, body });
}

/** What a node keeps of a shared run. */
async function sharedOf(
  fleet: RoomFleet,
  id: string,
  runId: string,
): Promise<{ body: Record<string, unknown>; lastEvent: string; reason: string | null }> {
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(fleet.dataDir(id), "cis.db"), { readOnly: true });
  try {
    const row = db.prepare("SELECT * FROM shared_runs WHERE run_id = ?").get(runId) ?? {};
    const { body, last_event, reason } = row as Record<string, string>;
    return {
      body: JSON.parse(body ?? "{}"),
      lastEvent: last_event ?? "",
      reason: reason ?? null,
    };
  } finally {
    db.close();
  }
}

function wholeNumbers(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.ceil(value) : value;
}
