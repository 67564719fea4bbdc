import assert from "node:assert/strict";
import { eventStream, type StreamPart, type StreamSource } from "../../lib/api/event_stream.ts";
import { within } from "../helpers/deadline.ts";

interface Item {
  readonly seq: number;
}

/** A source of endless items that counts how often it is looked at. */
function endless(): StreamSource<Item> & { looks: number } {
  return {
    looks: 0,
    read(after: number): StreamPart<Item> {
      this.looks++;
      return { items: [{ seq: after + 1 }], position: after + 1 };
    },
    subscribe: () => () => {},
    nameOf: () => "item",
    isOver: () => false,
    until: new AbortController().signal,
  };
}

Deno.test("a reader that doesn't read costs nothing: the store is looked at as its answer is taken", async () => {
  const source = endless();
  const reader = eventStream(source, 0).body?.getReader();
  assert.ok(reader !== undefined);
  await reader.read();
  // As long as it would take to go round a thousand times.
  for (let turn = 0; turn < 1000; turn++) await Promise.resolve();
  assert.ok(source.looks <= 2, `${source.looks} looks`);
  for (let count = 0; count < 10; count++) await reader.read();
  assert.ok(source.looks >= 10 && source.looks <= 12, `${source.looks} looks`);
  await reader.cancel();
});

Deno.test("where a look finds nothing that fits, the next begins behind what was looked at", async () => {
  const seen: number[] = [];
  const response = eventStream<Item>({
    read: (after) => {
      seen.push(after);
      if (after < 30) return { items: [], position: after + 10 };
      return { items: after === 30 ? [{ seq: 31 }] : [], position: 31 };
    },
    subscribe: () => () => {},
    nameOf: () => "item",
    isOver: () => true,
    until: new AbortController().signal,
  }, 0);
  const text = await within(response.text(), "the end of the stream");
  assert.deepEqual(seen, [0, 10, 20, 30, 31]);
  assert.match(text, /id: 31\nevent: item\n/);
  assert.match(text, /event: end\n/);
});
