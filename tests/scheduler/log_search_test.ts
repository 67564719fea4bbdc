import assert from "node:assert/strict";
import {
  type LogSearch,
  SEARCH_BEGIN,
  searchLogPart,
  type SearchPart,
} from "../../lib/scheduler/log_search.ts";
import { chunkOf, LogFixture, WORKER } from "../helpers/log_fixture.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

type Wanted = Omit<LogSearch, "maySee">;

/** All that a search finds, in steps of at most `limit` lines. */
function searchAll({ db }: LogFixture, wanted: Wanted, limit = 1000): SearchPart[] {
  const parts: SearchPart[] = [];
  for (let position = SEARCH_BEGIN, isEnd = false; !isEnd;) {
    const part = searchLogPart(db, { maySee: () => true, ...wanted }, { position, limit });
    parts.push(part);
    ({ position, isEnd } = part);
    assert.ok(parts.length < 10_000, "the search does not end");
  }
  return parts;
}

const textsOf = (parts: readonly SearchPart[]): string[] =>
  parts.flatMap(({ lines }) => lines.map(({ text }) => text));

Deno.test("a search finds every line that fits once, newest first, whatever the steps", async () => {
  const seed = Date.now() % 100_000;
  const random = seededRandom(seed);
  using fixture = new LogFixture();
  const expected: string[] = [];
  for (let n = 0; n < 60; n++) {
    const lines = Array.from({ length: 1 + Math.floor(random() * 30) }, (_, index) => {
      const hit = random() < 0.2;
      const text = `${n}/${index}${hit ? " NeedLe" : ""}`;
      if (hit) expected.unshift(text);
      return text;
    });
    await fixture.keep(chunkOf(lines, { run: `run-${n}` }));
  }
  for (const limit of [1, 2, 7, 1000]) {
    const parts = searchAll(fixture, { q: "needle" }, limit);
    assert.deepEqual(textsOf(parts), expected, `seed ${seed}, limit ${limit}`);
    assert.ok(parts.every(({ lines }) => lines.length <= limit));
  }
});

Deno.test("a step looks at a bounded number of chunks, and the next goes on where nothing was found", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["the needle"], { run: "run-old" }));
  for (let n = 0; n < 100; n++) await fixture.keep(chunkOf(["hay"], { run: `run-${n}` }));
  const parts = searchAll(fixture, { q: "needle" });
  assert.deepEqual(textsOf(parts), ["the needle"]);
  assert.ok(parts.length >= 6, `${parts.length} steps`);
  assert.deepEqual(parts[0]?.lines, []);
});

Deno.test("a search is narrowed by run, task, worker, stream, attempt and time", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["a hit"], { time: 1_000 }));
  await fixture.keep(chunkOf(["b hit"], { task: "b", stream: "stderr", time: 2_000 }));
  await fixture.keep(chunkOf(["c hit"], { run: "run-2", attempt: 2, time: 3_000 }));
  await fixture.db.write((tx) => fixture.logs.appendOfWorker(tx, "w", ["own hit"]));
  const found = (wanted: Wanted): string[] =>
    textsOf(searchAll(fixture, wanted)).map((text) => text.split(" ")[0] ?? "");
  assert.deepEqual(found({}), ["own", "c", "b", "a"]);
  assert.deepEqual(found({ q: "HIT" }), ["own", "c", "b", "a"]);
  assert.deepEqual(found({ q: "b HIT" }), ["b"]);
  assert.deepEqual(found({ runId: "run-1" }), ["b", "a"]);
  assert.deepEqual(found({ runId: "run-1", taskId: "task" }), ["a"]);
  assert.deepEqual(found({ taskId: "b" }), ["b"]);
  assert.deepEqual(found({ workerId: "w" }), ["own"]);
  assert.deepEqual(found({ workerId: WORKER }), ["c", "b", "a"]);
  assert.deepEqual(found({ stream: "stderr" }), ["own", "b"]);
  assert.deepEqual(found({ attempt: 2 }), ["c"]);
  assert.deepEqual(found({ since: 2_000 }), ["own", "c", "b"]);
  assert.deepEqual(found({ until: 2_000 }), ["a"]);
  assert.deepEqual(found({ since: 2_000, until: 3_000 }), ["b"]);
});

Deno.test("characters of any language are found in either case", async () => {
  using fixture = new LogFixture();
  await fixture.keep(chunkOf(["ÜBER straße", "İstanbul", "Grüße", "文字"]));
  assert.deepEqual(textsOf(searchAll(fixture, { q: "über" })), ["ÜBER straße"]);
  assert.deepEqual(textsOf(searchAll(fixture, { q: "GRÜSSE".replace("SS", "ß") })), ["Grüße"]);
  assert.deepEqual(textsOf(searchAll(fixture, { q: "字" })), ["文字"]);
});

Deno.test("a search goes no further back than it is asked to", async () => {
  using fixture = new LogFixture();
  fixture.now = 1_000;
  for (let n = 0; n < 50; n++) await fixture.keep(chunkOf(["old"], { run: `run-${n}`, time: 900 }));
  fixture.now = 10_000;
  await fixture.keep(chunkOf(["new"], { run: "run-new", time: 9_000 }));
  const parts = searchAll(fixture, { since: 5_000 });
  assert.deepEqual([textsOf(parts), parts.length], [["new"], 1]);
});
