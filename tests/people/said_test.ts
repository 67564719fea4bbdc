import assert from "node:assert/strict";
import { readSaid } from "../../lib/people/said.ts";

function said(type: string, content: unknown): ReturnType<typeof readSaid> {
  return readSaid({ type, event_id: "$e", content });
}
function message(body: string, relation?: object): ReturnType<typeof readSaid> {
  const relates = relation === undefined ? {} : { "m.relates_to": relation };
  return said("m.room.message", { msgtype: "m.text", body, ...relates });
}
function reaction(key: unknown, more: object = {}): ReturnType<typeof readSaid> {
  const relation = { rel_type: "m.annotation", event_id: "$to", key, ...more };
  return said("m.reaction", { "m.relates_to": relation });
}
const command = { verb: "list" };

Deno.test("a command is answered in its thread, or in one of its own", () => {
  assert.deepEqual(message("!dag list"), { kind: "command", command, thread: "$e" });
  assert.deepEqual(message("!dag list", { rel_type: "m.thread", event_id: "$root" }), {
    kind: "command",
    command,
    thread: "$root",
  });
  assert.deepEqual(message("!dag list", { "m.in_reply_to": { event_id: "$file" } }), {
    kind: "command",
    command,
    thread: "$e",
    repliesTo: "$file",
  });
});

Deno.test("✅ and ❌ are answers, however a client writes them, and nothing else is", () => {
  assert.deepEqual(reaction("✅"), { kind: "reaction", to: "$to", answer: "approve" });
  assert.deepEqual(reaction("❌\u{FE0F}"), { kind: "reaction", to: "$to", answer: "reject" });
  for (const key of ["👍", "yes", "", "constructor", 1, undefined]) {
    assert.equal(reaction(key), undefined);
  }
  assert.equal(reaction("✅", { rel_type: "m.reference" }), undefined);
  assert.equal(reaction("✅", { event_id: 7 }), undefined);
});

Deno.test("an edit is no message, and what was redacted says nothing", () => {
  const edit = { rel_type: "m.replace", event_id: "$before" };
  assert.equal(message("* !dag list", edit), undefined);
  assert.equal(message("!dag list", edit), undefined);
  for (const type of ["m.room.message", "m.reaction"]) assert.equal(said(type, {}), undefined);
});

Deno.test("what else is said counts only where it belongs to something", () => {
  assert.equal(message("good morning"), undefined);
  assert.deepEqual(message(" too risky ", { rel_type: "m.thread", event_id: "$root" }), {
    kind: "remark",
    to: ["$root"],
    text: "too risky",
  });
  assert.equal(said("m.room.topic", { body: "!dag list" }), undefined);
  assert.equal(said("io.cis.task.result", { body: "!dag list" }), undefined);
});

Deno.test("content of any shape is no trouble", () => {
  for (
    const content of [null, 7, "x", [], { body: 7 }, { body: "!dag list", "m.relates_to": 7 }, {
      "m.relates_to": { "m.in_reply_to": null },
      body: "x",
    }]
  ) {
    for (const type of ["m.room.message", "m.reaction"]) said(type, content);
  }
});

Deno.test("a file may come with the command", () => {
  const file = { msgtype: "m.file", url: "mxc://a/b", filename: "dag.yaml" };
  assert.deepEqual(said("m.room.message", { ...file, body: "!dag publish" }), {
    kind: "command",
    command: { verb: "publish" },
    thread: "$e",
    file: { url: "mxc://a/b", name: "dag.yaml" },
  });
});
