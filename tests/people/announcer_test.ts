/** What people are told of what happens in the node. */
import assert from "node:assert/strict";
import { NoticeStore } from "../../lib/people/notice_store.ts";
import { eventually } from "../helpers/eventually.ts";
import { startDag, type TestNode } from "../helpers/test_node.ts";
import { content, EXPIRE_SEC, publish, withStillNode } from "../scheduler/decision_fixture.ts";
import { ALICE, fakeRoom, message, NODE, reaction, ROOM } from "./room_fixture.ts";

/** As if the room had been told of everything up to now. */
async function toldSoFar({ node }: TestNode): Promise<void> {
  const notices = new NoticeStore(node.db);
  await node.db.write((tx) => notices.saveTold(tx, ROOM, node.events.latest()));
}

Deno.test("what happened while nobody told of it is told by the next life, once", async () => {
  await withStillNode(async (test) => {
    await toldSoFar(test);
    const { run_id } = await startDag(test.fetch, content("true"));
    const room = fakeRoom(test);
    await room.hear();
    const announced = await room.sees(/d, version 1: confirmed by admin/);
    const run = await room.sees(new RegExp(`queued[^]*run ${run_id}`));
    assert.equal(run.thread, announced.event_id);
    room.restart();
    await room.bind(ALICE, ["viewer"]);
    await room.hear(message(ALICE, "!worker status"));
    await room.sees(/No worker/);
    assert.equal(room.told.size, 3);
  });
});

Deno.test("what was there before the room was is no news", async () => {
  await withStillNode(async (test) => {
    await startDag(test.fetch, content("true"));
    const room = fakeRoom(test);
    await room.hear();
    await publish(test, "false");
    await room.sees(/d, version 2: waits/);
    assert.equal(room.told.size, 1);
  });
});

Deno.test("nor is what happened days ago", async () => {
  await withStillNode(async (test, clock) => {
    await toldSoFar(test);
    await publish(test, "true");
    clock.jump(3 * 24 * 60 * 60 * 1000);
    const room = fakeRoom(test);
    await room.hear();
    await publish(test, "false");
    await room.sees(/d, version 2: waits/);
    assert.equal(room.told.size, 1);
  });
});

Deno.test("an announcement says that its time is over, and what took its place", async () => {
  await withStillNode(async (test, clock) => {
    const room = fakeRoom(test);
    await room.hear();
    await publish(test, "true");
    await room.sees(/version 1: waits/);
    await publish(test, "false");
    await room.sees(/version 1: other content was published in its place/);
    clock.advance(EXPIRE_SEC * 1000);
    await room.sees(/version 2: nobody decided in time/);
  });
});

Deno.test("of runs that the clock begins only failures are told", async () => {
  await withStillNode(async (test) => {
    const { node } = test;
    const room = fakeRoom(test);
    await room.hear();
    const { run_id: first } = await startDag(test.fetch, content("true"));
    await room.sees(new RegExp(`queued[^]*run ${first}`));
    const begin = (run_id: string): Promise<unknown> =>
      node.db.write((tx) =>
        node.beginRun(tx, {
          ...{ dag_id: "d", version: 1, run_id },
          ...{ triggered_by: "schedule", confirmed_by: null },
        })
      );
    await begin("dag-run-good");
    await begin("dag-run-bad");
    await node.db.write((tx) => {
      for (const runId of ["dag-run-good", "dag-run-bad"]) {
        const type = runId === "dag-run-bad" ? "run.failed" : "run.completed";
        node.events.append(tx, { type, dagId: "d", runId });
      }
    });
    await room.sees(/run dag-run-bad/);
    assert.ok(![...room.told.values()].some(({ body }) => body.includes("dag-run-good")));
  });
});

Deno.test("what is old is forgotten", async () => {
  await withStillNode(async ({ node }, clock) => {
    const notices = new NoticeStore(node.db);
    await node.db.write((tx) => {
      notices.addLive(tx, "run", "a");
      notices.hear(tx, "$a");
    });
    clock.jump(91 * 24 * 60 * 60 * 1000);
    await node.db.write((tx) => {
      notices.addLive(tx, "run", "b");
      notices.prune(tx);
    });
    assert.equal(notices.bySubject("run", "a"), undefined);
    assert.ok(notices.bySubject("run", "b"));
    assert.ok(await node.db.write((tx) => notices.hear(tx, "$a")), "it can be heard again");
  });
});

Deno.test("a thousand changes are a few edits", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.hear();
    await publish(test, "true");
    await room.sees(/version 1: waits/);
    for (let n = 0; n < 1000; n++) {
      await test.node.db.write((tx) => room.notices.touch(tx, "version", "d@1"));
      if (n % 100 === 0) await room.hear();
    }
    await eventually(() => room.notices.next() === undefined, "the last edit");
    const messages = room.taken.size -
      (room.offered.get([...room.told.keys()][0] ?? "") ?? []).length;
    assert.ok(messages <= 4, `${messages} events`);
    assert.equal(room.told.size, 1);
  });
});

Deno.test("what waits for an answer has its signs on it, so that a tap is enough", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.hear();
    await publish(test, "true");
    const announced = await room.sees(/version 1: waits/);
    await eventually(() => room.notices.next() === undefined, "all to be sent");
    assert.deepEqual(room.offered.get(announced.event_id), ["✅", "❌"]);
    // The node's own are nobody's answer, even where its account stands for somebody.
    await room.bind(NODE, ["approver"]);
    await room.hear(reaction(NODE, announced.event_id, "✅"));
    await room.hear(reaction(NODE, announced.event_id, "❌"));
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    await room.bind(ALICE, ["approver"]);
    await room.hear(reaction(ALICE, announced.event_id, "✅"));
    assert.equal(test.node.specs.load("d")?.status, "confirmed");
    // What has been decided, as what nobody is asked about, has none.
    await eventually(() => room.notices.next() === undefined, "all to be sent");
    assert.deepEqual([...room.offered.keys()], [announced.event_id]);
  });
});

Deno.test("a message whose answer was lost is there once", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.hear();
    room.failure = { status: 502 };
    await publish(test, "true");
    await room.sees(/version 1: waits/);
    assert.equal(room.told.size, 1);
    assert.ok(test.reports.some((line) => line.includes("the control room takes nothing")));
  });
});

Deno.test("a message that the homeserver refuses for good doesn't keep the others", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.hear();
    room.failure = { status: 404 };
    await publish(test, "true");
    await publish(test, "false");
    await room.sees(/version 2: waits/);
    assert.ok(test.reports.some((line) => line.includes("a notice about d@1 is left out")));
  });
});
