/** What a node does about shared runs by its own clock, while the room answers late, or never. */
import assert from "node:assert/strict";
import type { Config } from "../../lib/config.ts";
import { HomeserverOutbox } from "../../lib/matrix/homeserver_outbox.ts";
import type { Node } from "../../lib/node.ts";
import { leaseMs, type LeaseTerms, leaseTerms, type Moment } from "../../lib/peers/lease.ts";
import type { Said } from "../../lib/peers/node_event_reader.ts";
import { SharedRuns } from "../../lib/peers/shared_runs.ts";
import { SharedTimeline } from "../../lib/peers/shared_timeline.ts";
import { newRunId } from "../../lib/scheduler/confirm.ts";
import type { SharedRunRow } from "../../lib/scheduler/shared_run_store.ts";
import { DagClaimContent } from "../../lib/schema/node_events.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import { eventually } from "../helpers/eventually.ts";
import { withServedNode } from "../helpers/test_node.ts";

const TERMS: LeaseTerms = leaseTerms({
  hold_ms: 10_000,
  orphan_grace_ms: 1_000,
  heartbeat_ms: 1_000,
});

/** A room that only this test fills, a clock that it sets, and a node among two. */
class Room {
  readonly #node: Node;
  readonly #timeline: SharedTimeline;
  readonly runs: SharedRuns;
  /** What this node has said, and how it is told whether that got through. */
  readonly said: { content: DagClaimContent; answer: (isThere: boolean) => void }[] = [];
  now: Moment = { steady: 0, wall: 1_000_000 };
  #events = 0;

  constructor(node: Node) {
    this.#node = node;
    this.#timeline = new SharedTimeline({
      node,
      onComplaint: (who, what) => assert.fail(`${who} sent ${what}`),
    });
    this.runs = new SharedRuns({
      node,
      outbox: new HomeserverOutbox(node.db),
      terms: TERMS,
      now: () => this.now,
      say: (_, content) =>
        new Promise((answer) =>
          void this.said.push({ content: DagClaimContent.parse(content), answer })
        ),
      isMember: () => true,
      wake: () => {},
    });
  }

  pass(ms: number): void {
    this.now = { steady: this.now.steady + ms, wall: this.now.wall + ms };
  }

  /** Something appears in the room. */
  async hear(
    from: "node1" | "node2",
    said: Pick<Said, "kind"> & { content: object },
  ): Promise<void> {
    const event = { ...said, id: `$${this.#events++}`, sender: `@${from}:x.test` } as Said;
    await this.#node.db.write((tx) => this.#timeline.take(tx, event));
  }

  /** node2 shares a run for any node. */
  async share(dagId: string): Promise<string> {
    const run_id = newRunId();
    const parsed = parseSpecDocument({
      dag_id: dagId,
      scope: { type: "global" },
      target_node: "*",
      tasks: [{ id: "t", command: "sleep 60" }],
    });
    assert.ok(parsed.ok);
    const { spec, spec_hash } = parsed;
    const more = { triggered_by: "confirm", confirmed_by: null, results: {} };
    const content = { v: 1, target: "*", run_id, spec, spec_hash, ...more };
    await this.hear("node2", { kind: "io.cis.dag.execute", content });
    return run_id;
  }

  /** This node's claim of a run gets into the room. */
  async claimArrives(runId: string): Promise<void> {
    const claim = this.said.find(({ content }) => "run_id" in content && content.run_id === runId);
    assert.ok(claim !== undefined, "it was not claimed");
    await this.hear("node1", { kind: "io.cis.dag.claim", content: claim.content });
    if ("claim" in claim.content) this.runs.heardOwn(runId, claim.content.claim);
    await this.runs.look();
  }

  row(runId: string): SharedRunRow {
    const row = this.#node.handovers.shared.load(runId);
    assert.ok(row !== undefined);
    return row;
  }
}

async function withRoom(
  use: (room: Room, node: Node) => Promise<void>,
  config: Partial<Config> = {},
): Promise<void> {
  await withServedNode(async ({ node }) => {
    await node.db.write((tx) => {
      for (const id of ["node1", "node2"]) {
        node.handovers.shared.setNode(tx, id, `@${id}:x.test`);
      }
      const bound = { userId: "@node2:x.test", name: "node2", roles: ["node" as const] };
      node.tokens.bind(tx, { ...bound, createdBy: null });
    });
    await use(new Room(node), node);
  }, { config });
}

async function taskRuns(node: Node, runId: string): Promise<void> {
  await eventually(() => node.runs.tasks(runId)[0]?.status === "running", "its task runs");
}

Deno.test("what a node holds it stops in time, also while the room answers nothing", async () => {
  await withRoom(async (room, node) => {
    const held = await room.share("held");
    await room.runs.look();
    await room.claimArrives(held);
    await taskRuns(node, held);
    assert.equal(room.row(held).held, 1);
    const [entry] = node.audit.list({ action: "dag.execute", before: Infinity, limit: 1 });
    assert.deepEqual([entry?.target, entry?.detail["origin"]], ["held", "node2"]);
    // Another one is to be claimed, and neither that nor the renewal is ever answered.
    await room.share("other");
    await room.runs.look();
    void room.runs.renew();
    room.pass(TERMS.holdMs - 1);
    await room.runs.look();
    assert.equal(room.row(held).held, 1, "not before it has to");
    room.pass(1);
    await room.runs.look();
    assert.equal(room.row(held).held, null);
    const run = node.runs.load(held);
    assert.equal(run?.status, "queued", "it has not ended");
    assert.equal(node.runs.tasks(held)[0]?.status, "pending");
    assert.equal(node.elsewhere(held)?.code, "other_node");
    await eventually(() => node.executor.runningOn("worker-global") === 0, "its task ends");
  });
});

Deno.test("a renewal counts from when it was sent, and one that is answered too late not at all", async () => {
  await withRoom(async (room) => {
    const held = await room.share("held");
    await room.runs.look();
    await room.claimArrives(held);
    const start = room.now.wall;
    room.pass(4_000);
    const renewing = room.runs.renew();
    const renewal = room.said.at(-1);
    assert.ok(renewal !== undefined && "renewed" in renewal.content);
    room.pass(3_000);
    renewal.answer(true);
    await renewing;
    assert.equal(room.row(held).held_until, start + 4_000 + TERMS.holdMs);
    const late = room.runs.renew();
    room.pass(7_000);
    room.said.at(-1)?.answer(true);
    await late;
    await room.runs.look();
    assert.equal(room.row(held).held, null);
  });
});

Deno.test("a claim that is won too late is not begun, and is free again after its lease", async () => {
  await withRoom(async (room, node) => {
    const run = await room.share("late");
    await room.runs.look();
    room.pass(TERMS.holdMs);
    await room.claimArrives(run);
    assert.deepEqual([room.row(run).holder, room.row(run).held], ["node1", null]);
    assert.equal(node.runs.load(run), undefined);
    const before = room.said.length;
    room.pass(leaseMs(TERMS));
    await room.runs.look();
    assert.equal(room.said.length, before, "not before the lease is over");
    room.pass(1);
    await room.runs.look();
    const again = room.said.at(-1)?.content;
    assert.ok(again !== undefined && "run_id" in again && again.generation === 2);
  });
});

Deno.test("who sees somebody else win puts down what it has, at once", async () => {
  await withRoom(async (room, node) => {
    const held = await room.share("held");
    await room.runs.look();
    await room.claimArrives(held);
    await taskRuns(node, held);
    await room.hear("node2", {
      kind: "io.cis.dag.claim",
      content: {
        v: 1,
        run_id: held,
        generation: 2,
        after: room.row(held).last_event,
        claim: crypto.randomUUID(),
        lease_ms: 1_000,
      },
    });
    assert.deepEqual([room.row(held).holder, room.row(held).held], ["node2", null]);
    assert.equal(node.runs.tasks(held)[0]?.status, "pending");
    await eventually(() => node.executor.runningOn("worker-global") === 0, "its task ends");
  });
});

Deno.test("a claim that may have got lost is sent again, and whichever arrives first is begun", async () => {
  await withRoom(async (room, node) => {
    const run = await room.share("again");
    await room.runs.look();
    const first = room.said.at(-1);
    first?.answer(false);
    await room.runs.look();
    assert.equal(room.said.length, 1, "not at once");
    room.pass(2_000);
    await room.runs.look();
    assert.equal(room.said.length, 2);
    // It had got through after all, and before the other one.
    await room.claimArrives(run);
    await taskRuns(node, run);
    assert.equal(room.row(run).held_until, 1_000_000 + TERMS.holdMs, "from when it was sent");
  });
});

Deno.test("a node claims no more than it has room for", async () => {
  await withRoom(async (room) => {
    for (const name of ["one", "two", "three"]) await room.share(name);
    await room.runs.look();
    assert.equal(room.said.length, 1, "others come first where it has claimed one");
    room.pass(2_000);
    await room.runs.look();
    await room.runs.look();
    assert.equal(room.said.length, 2);
  }, { max_running_runs: 2 });
});
