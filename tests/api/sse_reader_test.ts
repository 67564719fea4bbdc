import assert from "node:assert/strict";
import fc from "fast-check";
import { readSse, type SseMessage, SseParser } from "../../lib/api/sse_reader.ts";

function parse(text: string): SseMessage[] {
  return new SseParser().push(text);
}

Deno.test("an event has its id, name and data", () => {
  assert.deepEqual(parse("id: 7\nevent: task.running\ndata: {}\n\n"), [
    { id: "7", event: "task.running", data: "{}" },
  ]);
});

Deno.test("several data lines are one text with line breaks", () => {
  assert.equal(parse("data: a\ndata:\ndata:  b\n\n")[0]?.data, "a\n\n b");
});

Deno.test("comments and unknown fields say nothing", () => {
  assert.deepEqual(parse(": alive\n\nfoo: bar\n: x\ndata: 1\n\n").map(({ data }) => data), ["1"]);
});

Deno.test("a field without a colon has an empty value", () => {
  assert.deepEqual(parse("data\n\n"), [{ id: "", event: "message", data: "" }]);
});

Deno.test("lines end with LF, CRLF or CR", () => {
  const parser = new SseParser();
  const messages = [
    ...parser.push("data: 1\n\ndata: 2\r\n\r\ndata: 3\r\r"),
    // The CR at the end could have been half of a CRLF.
    ...parser.push("data: 4\n\n"),
  ];
  assert.deepEqual(messages.map(({ data }) => data), ["1", "2", "3", "4"]);
});

Deno.test("a CRLF cut in the middle is one line end", () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push("data: 1\r"), []);
  assert.deepEqual(parser.push("\ndata: 2\r"), []);
  assert.deepEqual(parser.push("\n\r"), []);
  assert.deepEqual(parser.push("\n").map(({ data }) => data), ["1\n2"]);
});

Deno.test("an event without its closing empty line never happened, and neither did its id", () => {
  const parser = new SseParser("3");
  assert.deepEqual(parser.push("id: 4\ndata: 1\n\nid: 5\ndata: 2\n").length, 1);
  assert.equal(parser.lastEventId, "4");
});

Deno.test("an id stays until the next one; one without data counts for resuming", () => {
  const parser = new SseParser();
  const ids = parser.push("id: 1\ndata: a\n\ndata: b\n\nid: 2\n\n").map(({ id }) => id);
  assert.deepEqual(ids, ["1", "1"]);
  assert.equal(parser.lastEventId, "2");
});

Deno.test("an id with a NUL is ignored", () => {
  const parser = new SseParser("1");
  parser.push("id: 2\0\ndata: a\n\n");
  assert.equal(parser.lastEventId, "1");
});

Deno.test("retry is taken when it is a number", () => {
  const parser = new SseParser();
  parser.push("retry: soon\n");
  assert.equal(parser.retryMs, undefined);
  parser.push("retry: 250\n");
  assert.equal(parser.retryMs, 250);
});

Deno.test("the name of an event doesn't carry over", () => {
  assert.deepEqual(
    parse("event: a\ndata: 1\n\ndata: 2\n\n").map(({ event }) => event),
    ["a", "message"],
  );
});

const anyEvent = fc.record({
  id: fc.stringMatching(/^[a-z0-9é世]{0,5}$/u),
  event: fc.constantFrom("message", "task.running", "完成"),
  data: fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0]/g, "|")),
}, { noNullPrototype: true });

Deno.test("wherever the bytes are cut, the same events come out", async () => {
  const property = fc.asyncProperty(
    fc.array(anyEvent, { maxLength: 6 }),
    fc.constantFrom("\n", "\r\n", "\r"),
    fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
    async (events, end, sizes) => {
      const text = events.map(({ id, event, data }) =>
        [`id:${id}`, ": c", `event: ${event}`, `data: ${data}`, "", ""].join(end)
      ).join("");
      // One more byte decides about a CR at the very end.
      const bytes = new TextEncoder().encode(`${text}:`);
      const read: SseMessage[] = [];
      for await (const message of readSse(cut(bytes, sizes))) read.push(message);
      assert.deepEqual(read, events);
    },
  );
  await fc.assert(property);
});

function cut(bytes: Uint8Array, sizes: Iterator<number>): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller): void {
      if (offset >= bytes.length) return controller.close();
      const size = Number(sizes.next().value ?? 1);
      controller.enqueue(bytes.slice(offset, offset + size));
      offset += size;
    },
  });
}

Deno.test("leaving the loop cancels the body", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _message of readSse(body)) break;
  assert.equal(cancelled, true);
});

Deno.test("a body that breaks throws after what came before", async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    pull: (controller) => controller.error(new Error("gone")),
  });
  const read: string[] = [];
  await assert.rejects(async () => {
    for await (const { data } of readSse(body)) read.push(data);
  }, /gone/);
  assert.deepEqual(read, ["1"]);
});
