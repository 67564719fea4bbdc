import assert from "node:assert/strict";
import { unpackLines } from "../../../lib/schema/log_chunk.ts";
import { LogSender } from "../../../lib/worker/child/log_sender.ts";
import {
  byteLength,
  CONTENT_VERSION,
  listContent,
  MAX_CONTENT_BYTES,
  packItems,
} from "../../../lib/worker/child/pack_content.ts";
import * as roomEvents from "../../../lib/schema/room_events.ts";

Deno.test("the worker's copies of limits are those of the schema", () => {
  assert.equal(MAX_CONTENT_BYTES, roomEvents.MAX_CONTENT_BYTES);
  assert.equal(CONTENT_VERSION, roomEvents.CONTENT_VERSION);
});

Deno.test("items are packed in order, as many as fit", () => {
  const items = Array.from({ length: 3000 }, (_, n) => ({ json: JSON.stringify(`${n} ü`) }));
  items.splice(1000, 0, { json: JSON.stringify("x".repeat(40_000)) });
  const groups = packItems(items);
  assert.deepEqual(groups.flat(), items);
  const sizes = groups.map((group) => byteLength(listContent("results", group)));
  assert.ok(sizes.every((size) => size <= MAX_CONTENT_BYTES), String(sizes));
  assert.ok(groups.length <= 3, `${groups.length} groups`);
  assert.deepEqual(packItems([]), []);
});

Deno.test("an item that is too large alone stays alone", () => {
  const [small, large] = [{ json: "1" }, { json: JSON.stringify("x".repeat(60_000)) }];
  assert.deepEqual(packItems([small, large, small]), [[small], [large], [small]]);
});

Deno.test("log lines of several attempts travel together, each event within the limit", () => {
  const contents: string[] = [];
  const sender = new LogSender((content) => contents.push(content));
  const attempts = [1, 2].map((n) => (
    { run_id: "r", task_id: `t${n}`, attempt: n, lease: `l${n}` }
  ));
  for (let line = 1; line <= 2000; line++) {
    for (const attempt of attempts) {
      sender.add(attempt, { line, lines: 1, time: 1, stream: "stdout", text: `ü"${line}` });
    }
  }
  sender.flush();
  sender.flush();
  const parsed = contents.map((text) => roomEvents.LogContent.parse(JSON.parse(text)));
  assert.ok(contents.every((text) => byteLength(text) <= MAX_CONTENT_BYTES));
  assert.ok(contents.length > 2);
  for (const { task_id } of attempts) {
    const logs = parsed.flatMap(({ logs }) => logs).filter((log) => log.task_id === task_id);
    const lines = logs.flatMap((log) => [...unpackLines(log)]);
    const numbers = Array.from({ length: 2000 }, (_, n) => n + 1);
    assert.deepEqual(lines.map(({ line }) => line), numbers);
    assert.deepEqual(lines.map(({ text }) => text), numbers.map((n) => `ü"${n}`));
  }
});
