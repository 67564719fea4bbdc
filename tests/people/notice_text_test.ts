import assert from "node:assert/strict";
import { editContent, newContent } from "../../lib/people/notice_content.ts";
import { block, bold, code, cut, lines, link, list, say } from "../../lib/people/notice_text.ts";

Deno.test("text from elsewhere is escaped, and stays in its line", () => {
  const evil = '<b>a</b> & "b"\nhash: 1234\u202Egnol\u0000';
  assert.deepEqual(say`name ${evil}.`, {
    text: 'name <b>a</b> & "b" hash: 1234 gnol .',
    html: "name &lt;b&gt;a&lt;/b&gt; &amp; &quot;b&quot; hash: 1234 gnol .",
  });
  assert.equal(code("<i>").html, "<code>&lt;i&gt;</code>");
  assert.equal(bold("<i>").html, "<strong>&lt;i&gt;</strong>");
  assert.equal(block("<i>\n&").html, "<pre><code>&lt;i&gt;\n&amp;</code></pre>");
  assert.equal(link('http://a/"', "<i>").html, '<a href="http://a/&quot;">&lt;i&gt;</a>');
});

Deno.test("what is formatted already is put in as it is", () => {
  assert.deepEqual(lines(say`a ${bold("b")}`, undefined, list(["c", say`${code("d")}`])), {
    text: "a b\n• c\n• d",
    html: "a <strong>b</strong><br><ul><li>c</li><li><code>d</code></li></ul>",
  });
});

Deno.test("notices stay short", () => {
  assert.equal(say`${"x".repeat(10_000)}`.text.length, 500);
  assert.equal(cut("abc", 2), "a…");
  const many = list(Array.from({ length: 100 }, (_, n) => String(n)), 3);
  assert.equal(many.text, "• 0\n• 1\n• 2\n• and 97 more");
});

Deno.test("a message asks or notes, is in its thread, and an edit takes its place", () => {
  const notice = say`hello ${bold("you")}`;
  const asking = newContent(notice, { txn: "t", asks: true, thread: null });
  assert.deepEqual([asking.msgtype, asking["m.relates_to"]], ["m.text", undefined]);
  assert.deepEqual(newContent(notice, { txn: "t", asks: false, thread: "$root" }), {
    msgtype: "m.notice",
    body: "hello you",
    format: "org.matrix.custom.html",
    formatted_body: "hello <strong>you</strong>",
    "m.mentions": {},
    "io.cis.notice": "t",
    "m.relates_to": {
      rel_type: "m.thread",
      event_id: "$root",
      is_falling_back: true,
      "m.in_reply_to": { event_id: "$root" },
    },
  });
  const edit = editContent(notice, { eventId: "$m", asks: false });
  assert.deepEqual(edit["m.relates_to"], { rel_type: "m.replace", event_id: "$m" });
  assert.equal((edit["m.new_content"] as { body: string }).body, "hello you");
  assert.equal(edit["io.cis.notice"], undefined);
});

Deno.test("whatever is told fits an event, as an edit as well", () => {
  for (const sign of ["x", '"', "語", "🎉", "\n"]) {
    const large = lines(...Array.from({ length: 200 }, () => block(sign.repeat(500))));
    const made = [
      newContent(large, { txn: "t", asks: true, thread: "$root" }),
      editContent(large, { eventId: "$m", asks: true }),
    ];
    for (const content of made) {
      const bytes = new TextEncoder().encode(JSON.stringify(content)).length;
      assert.ok(bytes < 48 * 1024, `${sign}: ${bytes} bytes`);
    }
    assert.match(String(made[0]?.body), /…$/);
  }
});
