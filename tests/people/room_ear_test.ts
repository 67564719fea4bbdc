/** What people say in the control room, and what comes of it. */
import assert from "node:assert/strict";
import { publishDag } from "../helpers/test_node.ts";
import { content, EXPIRE_SEC, publish, withStillNode } from "../scheduler/decision_fixture.ts";
import { ALICE, BOB, fakeRoom, inThread, message, reaction } from "./room_fixture.ts";

Deno.test("✅ confirms the content of the announcement that it is on, once", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    const alice = await room.bind(ALICE, ["approver"]);
    const hash = await publish(test, "true");
    await room.hear();
    const announced = await room.sees(/d, version 1: waits for a yes/);
    assert.equal(announced.msgtype, "m.text");
    const yes = reaction(ALICE, announced.event_id, "✅");
    await room.hear(yes);
    const row = test.node.specs.load("d");
    assert.deepEqual([row?.status, row?.decided_by, row?.spec_hash], ["confirmed", alice, hash]);
    await room.sees(/d, version 1: confirmed by @alice/);
    // The homeserver tells of it again, also to another life of the node.
    await room.hear(yes, yes);
    room.restart();
    await room.hear(yes);
    const audit = test.node.audit.list({ action: "dag.confirm", before: 1e9, limit: 9 });
    assert.deepEqual(audit.map(({ token_id, request_id }) => [token_id, request_id]), [
      [alice, yes.event_id],
    ]);
    assert.equal([...room.told.values()].filter(({ body }) => body.includes("⚠")).length, 0);
  });
});

Deno.test("a ✅ on what doesn't wait any more says what does, and confirms nothing", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await publish(test, "true");
    await room.hear();
    const first = await room.sees(/version 1: waits/);
    const hash = await publish(test, "false");
    await room.sees(/version 2: waits/);
    await room.hear(reaction(ALICE, first.event_id, "✅"));
    const refused = await room.sees(/⚠ the content .* is not what waits: version 2/);
    assert.ok(refused.body.includes(hash.slice(0, 12)));
    assert.equal(refused.thread, first.event_id);
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    const [entry] = test.node.audit.list({ action: "dag.confirm", before: 1e9, limit: 1 });
    assert.equal(entry?.outcome, "content_changed");
  });
});

Deno.test("❌ asks for the reason, and what is said then in the thread is it", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await room.bind(BOB, ["approver"]);
    await publish(test, "true");
    await room.hear();
    const announced = await room.sees(/version 1: waits/);
    await room.hear(reaction(ALICE, announced.event_id, "❌"));
    const question = await room.sees(/@alice.*why\?/);
    assert.equal(question.thread, announced.event_id);
    // Others talk, and Alice talks elsewhere: no reasons.
    await room.hear(
      inThread(BOB, announced.event_id, "looks fine to me"),
      message(ALICE, "good morning"),
    );
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    await room.hear(inThread(ALICE, announced.event_id, "not on a Friday"));
    const row = test.node.specs.load("d");
    assert.deepEqual([row?.status, row?.reason], ["rejected", "not on a Friday"]);
    await room.sees(/version 1: rejected by @alice.*: not on a Friday/);
    await room.hear(inThread(ALICE, announced.event_id, "sorry"));
    assert.equal([...room.told.values()].filter(({ body }) => body.includes("⚠")).length, 0);
  });
});

Deno.test("❌ of who may not decide, or too late, asks nothing", async () => {
  await withStillNode(async (test, clock) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["viewer"]);
    await room.bind(BOB, ["approver"]);
    await publish(test, "true");
    await room.hear();
    const announced = await room.sees(/version 1: waits/);
    await room.hear(reaction(ALICE, announced.event_id, "❌"));
    await room.sees(/⚠ this token may not decide/);
    clock.jump(EXPIRE_SEC * 1000);
    await room.hear(reaction(BOB, announced.event_id, "❌"));
    await room.sees(/⚠ version 1 of "d" doesn't wait for an answer any more/);
  });
});

Deno.test("who isn't bound can do nothing, and is told so once", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await publish(test, "true");
    await room.hear();
    const announced = await room.sees(/version 1: waits/);
    const yes = reaction(BOB, announced.event_id, "✅");
    await room.hear(message(BOB, "hello"), yes, message(BOB, "!dag confirm d"));
    await room.sees(/deno task token bind @bob:matrix.test --role approver/);
    room.restart();
    await room.hear(message(BOB, "!dag list"), reaction(BOB, announced.event_id, "❌"));
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    assert.equal(room.told.size, 2);
    // One whose token was revoked isn't either.
    const token = await room.bind(BOB, ["approver"]);
    // Nor does what was said before count when it is told of again.
    await room.hear(yes);
    await test.node.db.write((tx) => test.node.tokens.revoke(tx, token));
    await room.hear(reaction(BOB, announced.event_id, "✅"));
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
  });
});

Deno.test("what was said while the node was away counts while there is still time", async () => {
  await withStillNode(async (test, clock) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await publish(test, "true");
    await room.hear();
    const announced = await room.sees(/version 1: waits/);
    clock.jump(EXPIRE_SEC * 1000);
    room.restart();
    await room.hear(reaction(ALICE, announced.event_id, "✅"));
    await room.sees(/⚠ version 1 of "d" could be decided until/);
    assert.notEqual(test.node.specs.load("d")?.status, "confirmed");
    await publishDag(test.fetch, content("true"));
    // The same content again: what is on the first announcement is a yes to it.
    await room.hear(reaction(ALICE, announced.event_id, "✅"));
    assert.equal(test.node.specs.load("d")?.status, "confirmed");
  });
});

Deno.test("edits and what was redacted are no commands; the message itself counts", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await publish(test, "true");
    await room.hear();
    const announced = await room.sees(/version 1: waits/);
    const before = message(ALICE, "good morning");
    const edit = message(ALICE, "* !dag confirm d", {
      "m.new_content": { msgtype: "m.text", body: "!dag confirm d" },
      "m.relates_to": { rel_type: "m.replace", event_id: before.event_id },
    });
    const redacted = [
      { ...message(ALICE, ""), content: {} },
      { ...reaction(ALICE, announced.event_id, "✅"), content: {} },
    ];
    await room.hear(before, edit, ...redacted);
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    const yes = reaction(ALICE, announced.event_id, "✅");
    await room.hear(yes, {
      event_id: "$redaction",
      type: "m.room.redaction",
      sender: ALICE,
      content: { redacts: yes.event_id },
    }, { ...yes, content: {} });
    assert.equal(test.node.specs.load("d")?.status, "confirmed");
  });
});

Deno.test("of a homeserver that was put back only what is new counts", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver", "publisher"]);
    await publish(test, "true");
    await room.hear();
    const said = message(ALICE, "!dag confirm d");
    const at = Date.now();
    await room.hearAnew(said, { ...said, origin_server_ts: at - 600_000 });
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    await room.hearAnew({ ...said, origin_server_ts: at });
    assert.equal(test.node.specs.load("d")?.status, "confirmed");
    await room.hearAnew({ ...said, origin_server_ts: at });
    // What is answered after it has been dealt with after it.
    await room.hear(message(ALICE, "!worker status"));
    await room.sees(/No worker is there/);
    const answers = [...room.told.values()].filter(({ body }) => /^Version 1 of d/.test(body));
    assert.equal(answers.length, 1);
  });
});

Deno.test("what such a homeserver has lost of the node's messages is there again", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await publish(test, "true");
    await room.hear();
    const kept = await room.sees(/d, version 1: waits/);
    await publish(test, "false");
    const lost = await room.sees(/d, version 2: waits/);
    room.told.delete(lost.event_id);
    room.forgotten.add(lost.event_id);
    await room.hearAnew();
    const again = await room.sees(/d, version 2: waits/);
    assert.notEqual(again.event_id, lost.event_id);
    assert.equal((await room.sees(/d, version 1: other content/)).event_id, kept.event_id);
    await room.hear(reaction(ALICE, again.event_id, "✅"));
    assert.equal(test.node.specs.load("d")?.status, "confirmed");
  });
});

Deno.test("a confirm names the whole hash, or none while nobody can be mistaken", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver", "publisher"]);
    await room.hear(
      message(ALICE, `!dag publish\n\`\`\`json\n${JSON.stringify(content("true"))}\n\`\`\``),
    );
    await room.sees(/Version 1 of d waits for a yes/);
    const hash = test.node.specs.load("d")?.spec_hash ?? "";
    await room.hear(message(ALICE, `!dag confirm d ${hash.slice(0, 12)}`));
    await room.sees(/⚠ the content .* is not what waits/);
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    const said = message(ALICE, `!dag confirm d ${hash}`);
    await room.hear(said);
    const answer = await room.sees(/Version 1 of d is confirmed; its run is dag-run-/);
    assert.equal(answer.thread, said.event_id);
    await room.hear(message(ALICE, "!dag reject d because"));
    await room.sees(/⚠ version 1 of "d" is confirmed; publish a new version/);
  });
});

Deno.test("separation of duties holds for who publishes in the room", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["admin"]);
    await room.hear(message(ALICE, `!dag publish ${JSON.stringify(content("true"))}`));
    const announced = await room.sees(/d, version 1: waits for a yes/);
    await room.hear(reaction(ALICE, announced.event_id, "✅"));
    await room.sees(/⚠ .*was published with this token; somebody else has to confirm it/);
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
  }, { config: { separation_of_duties: true } });
});

Deno.test("roles and scopes of who is bound are kept to", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["viewer"]);
    await room.bind(BOB, ["admin"], { scopes: ["project:other"] });
    await publish(test, "true");
    const document = JSON.stringify(content("false"));
    await room.hear(message(ALICE, `!dag publish ${document}`));
    await room.sees(/⚠ .*needs the role "publisher"/);
    await room.hear(message(ALICE, "!dag confirm d"));
    await room.sees(/⚠ .*needs the role "approver"/);
    for (const said of [`publish ${document}`, "confirm d", "reject d because", "show d"]) {
      const event = message(BOB, `!dag ${said}`);
      await room.hear(event);
      const answer = await room.sees(/⚠ .*(is for project:other|not for the scope)/);
      assert.ok(answer, said);
      room.told.clear();
    }
    assert.equal(test.node.specs.load("d")?.status, "waiting_confirmation");
    assert.equal(test.node.specs.load("d")?.version, 1);
    const entries = test.node.audit.list({ action: "dag.publish", before: 1e9, limit: 9 });
    assert.deepEqual(entries.map(({ outcome }) => outcome), [
      "scope_not_allowed",
      "forbidden",
      "done",
    ]);
  });
});

Deno.test("a document may be in a file, with the command or replied to", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["publisher"]);
    room.files.set("one", JSON.stringify(content("true", "one")));
    room.files.set("two", "dag_id: two\ntasks:\n  - id: a\n    type: noop\n");
    const file = { msgtype: "m.file", url: "mxc://matrix.test/one", filename: "one.json" };
    await room.hear(message(ALICE, "!dag publish", file));
    await room.sees(/Version 1 of one waits/);
    const alone = message(ALICE, "two.yaml", { msgtype: "m.file", url: "mxc://matrix.test/two" });
    room.events.set(alone.event_id, alone);
    await room.hear(
      alone,
      message(ALICE, "!dag publish", {
        "m.relates_to": { "m.in_reply_to": { event_id: alone.event_id } },
      }),
    );
    await room.sees(/Version 1 of two waits/);
    await room.hear(message(ALICE, "!dag publish"));
    await room.sees(/⚠ there is no document/);
    await room.hear(message(ALICE, '!dag publish {"dag_id": "x", "tasks": [{"id": 1}], "z": 2}'));
    assert.match((await room.sees(/⚠ (tasks|z)/)).body, /• /);
  });
});

Deno.test("a node that fails in the middle of something says so, and goes on", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    const { node } = test;
    const { tail } = node.logs;
    node.logs.tail = () => {
      throw new Error("the disk is full of bees");
    };
    await publish(test, "true");
    await room.hear(message(ALICE, "!dag confirm d"));
    const run = node.specs.load("d")?.run_id ?? "";
    await room.hear(message(ALICE, `!dag logs ${run}`), message(ALICE, "!dag list"));
    node.logs.tail = tail;
    const answer = await room.sees(/Something went wrong/);
    assert.ok(!answer.body.includes("bees"));
    assert.ok(test.reports.some((line) => line.includes("bees")));
    await room.sees(/d version 1: /);
  });
});

Deno.test("an id that a life of the node didn't come to note is taken from the room", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await publish(test, "true");
    await test.node.db.write((tx) => room.notices.addLive(tx, "version", "d@1"));
    const row = room.notices.bySubject("version", "d@1");
    await room.hear({
      event_id: "$own",
      type: "m.room.message",
      sender: "@cis-node1:matrix.test",
      content: { body: "!dag cancel x", "io.cis.notice": row?.txn },
    }, reaction(ALICE, "$own", "✅"));
    assert.equal(test.node.specs.load("d")?.status, "confirmed");
  });
});

Deno.test("an encrypted room is told of to who runs the node", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.hear({ ...message(ALICE, ""), type: "m.room.encryption" });
    assert.ok(test.reports.some((line) => line.includes("doesn't read encrypted rooms")));
  });
});

Deno.test("who asks gets short answers", async () => {
  await withStillNode(async (test) => {
    const room = fakeRoom(test);
    await room.bind(ALICE, ["approver"]);
    await room.hear(message(ALICE, "!dag list"));
    await room.sees(/There are no DAGs yet/);
    await publish(test, "echo hello");
    await room.hear(message(ALICE, "!dag show d"));
    await room.sees(/• a shell echo hello/);
    await room.hear(message(ALICE, "!dag confirm d"));
    const run = test.node.specs.load("d")?.run_id ?? "";
    await room.hear(message(ALICE, "!dag status d"));
    await room.sees(/d version 1 is confirmed/);
    await room.hear(message(ALICE, `!dag cancel ${run}`));
    await room.sees(new RegExp(`The run ${run} is cancelled`));
    await room.hear(message(ALICE, `!dag retry ${run}`));
    await room.sees(new RegExp(`takes the place of ${run}`));
    await room.hear(message(ALICE, `!dag logs ${run}`));
    await room.sees(/has written nothing yet/);
    await room.hear(message(ALICE, "!worker status"), message(ALICE, "!dag help"));
    await room.sees(/No worker is there/);
    await room.sees(/!dag confirm <id> \[hash\]/);
    for (const said of ["show x", "status x", "cancel dag-run-x", "retry x", "logs x"]) {
      await room.hear(message(ALICE, `!dag ${said}`));
      await room.sees(/⚠ there is no (DAG|run) "/);
      room.told.clear();
    }
  });
});
