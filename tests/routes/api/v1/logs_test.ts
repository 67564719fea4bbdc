/** Logs: three forms by `Accept`, pages, and streams that miss and double nothing. */
import assert from "node:assert/strict";
import { runEnded, startDag } from "../../../helpers/test_node.ts";
import { SseReader } from "../../../helpers/sse.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";
import {
  allPages,
  type ApiTest,
  dagOf,
  expectProblem,
  finishedRun,
  getJson,
  withApi,
} from "./api_fixture.ts";

interface Line {
  readonly seq: number;
  readonly text: string;
}

const FORMS: readonly (readonly [accept: string | undefined, type: string])[] = [
  [undefined, "application/json"],
  ["*/*", "application/json"],
  ["", "application/json"],
  ["application/json", "application/json"],
  ["text/plain", "text/plain; charset=utf-8"],
  ["text/event-stream", "text/event-stream; charset=utf-8"],
  // As common HTTP clients send it.
  ["application/json, text/plain, */*", "application/json"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"],
  ["text/plain, */*", "text/plain; charset=utf-8"],
  ["text/*", "text/plain; charset=utf-8"],
  ["text/plain;q=0.1, application/json;q=0.9", "application/json"],
  ["application/json;q=0, text/event-stream;q=0.1", "text/event-stream; charset=utf-8"],
  ["TEXT/PLAIN", "text/plain; charset=utf-8"],
  ["image/png", "application/json"],
  ["text/plain;q=nonsense", "application/json"],
];

Deno.test("Accept decides the form of a log", async () => {
  await withApi(async (test) => {
    const runId = await finishedRun(test, "forms", ["one", "two"]);
    for (const [accept, type] of FORMS) {
      for (const path of [`/api/v1/runs/${runId}/logs`, `/api/v1/runs/${runId}/tasks/a/logs`]) {
        const headers: Record<string, string> = accept === undefined ? {} : { accept };
        const response = await test.fetch(path, { headers });
        assert.equal(response.headers.get("content-type"), type, `Accept: ${accept}`);
        const text = await response.text();
        if (type.startsWith("text/plain")) assert.equal(text, "one\ntwo\n");
        else assert.ok(text.includes('"text":"one"') && text.includes('"text":"two"'), text);
      }
    }
  });
});

Deno.test("pages of a log give each line once, in order", async () => {
  await withApi(async (test) => {
    const texts = Array.from({ length: 25 }, (_, index) => `line ${index}`);
    const runId = await finishedRun(test, "pages", texts);
    await finishedRun(test, "other", ["of another run"]);
    const path = `/api/v1/runs/${runId}/logs`;
    for (const limit of [1, 10, 25, 26]) {
      const pages = await allPages<Line>(test.fetch, `${path}?limit=${limit}`, "lines");
      assert.deepEqual(pages.flat().map(({ text }) => text), texts);
      assert.equal(pages.length, Math.ceil(25 / limit));
    }
    const { lines } = await getJson(test.fetch, path);
    assert.deepEqual(Object.keys(lines[0]).sort(), [
      "attempt",
      "seq",
      "stream",
      "task_id",
      "text",
      "time",
    ]);
    await expectProblem(test.fetch, `${path}?limit=5001`, { code: "invalid_request" });
  });
});

function openLog(
  { fetch }: ApiTest,
  runId: string,
  headers: Record<string, string> = {},
): Promise<SseReader> {
  const path = `/api/v1/runs/${runId}/logs`;
  return fetch(path, { headers: { accept: "text/event-stream", ...headers } })
    .then((response) => new SseReader(response));
}

Deno.test("a stream has what was written, goes on as it is written, and ends with the run", async () => {
  await withApi(async (test) => {
    const { run_id } = await startDag(test.fetch, dagOf("live"));
    const task = await test.worker.take();
    const write = (line: number, text: string): Promise<void> =>
      test.worker.log(task, [{ line: line + 1, time: 1, stream: "stderr", text }]);
    await write(0, "before");
    const stream = await openLog(test, run_id);
    const [first] = await stream.take(1);
    assert.deepEqual([first?.event, first?.data.text], ["log", "before"]);
    assert.equal(first?.id, String(first?.data.seq));
    await write(1, "after");
    await write(1, "after");
    await write(2, 'quotes " and separators \u2028 stay one event');
    const live = await stream.take(2);
    assert.deepEqual(live.map(({ data }) => data.text), [
      "after",
      'quotes " and separators \u2028 stay one event',
    ]);
    await test.worker.finish(task);
    assert.deepEqual((await stream.rest()).map(({ event }) => event), ["end"]);
    assert.ok(stream.isClosed);
  });
});

Deno.test("a follower that loses its connection at random misses and doubles no line", async () => {
  const seed = Date.now() % 100_000;
  const random = seededRandom(seed);
  await withApi(async (test) => {
    const { run_id } = await startDag(test.fetch, dagOf("resume"));
    const task = await test.worker.take();
    const total = 200;
    const writing = (async () => {
      for (let line = 0; line < total;) {
        const count = Math.min(1 + Math.floor(random() * 20), total - line);
        const lines = Array.from({ length: count }, (_, index) => ({
          line: line + index + 1,
          time: 1,
          stream: "stdout" as const,
          text: String(line + index),
        }));
        await test.worker.log(task, lines);
        line += count;
      }
      await test.worker.finish(task);
    })();
    const seen: string[] = [];
    let last = "";
    let connections = 0;
    for (let ended = false; !ended;) {
      connections++;
      const stream = await openLog(test, run_id, last === "" ? {} : { "last-event-id": last });
      for (let left = 1 + Math.floor(random() * 30); left > 0; left--) {
        const event = await stream.next();
        if (event === undefined || event.event === "end") {
          ended = true;
          break;
        }
        seen.push(event.data.text);
        last = event.id;
      }
      await stream.leave();
    }
    await writing;
    const expected = Array.from({ length: total }, (_, index) => String(index));
    assert.deepEqual(seen, expected, `seed ${seed}, ${connections} connections`);
    assert.ok(connections > 1, `seed ${seed}`);
  });
});

Deno.test("Last-Event-ID that is no number, or one far ahead, harms nobody", async () => {
  await withApi(async (test) => {
    const runId = await finishedRun(test, "odd", ["one"]);
    await runEnded(test.node, runId);
    for (const [id, expected] of [["", 1], ["x", 1], ["-1", 1], ["1e3", 1], ["0", 1]] as const) {
      const events = await (await openLog(test, runId, { "last-event-id": id })).rest();
      assert.equal(events.filter(({ event }) => event === "log").length, expected, `"${id}"`);
    }
    const ahead = await openLog(test, runId, { "last-event-id": "999999999999" });
    assert.deepEqual((await ahead.rest()).map(({ event }) => event), ["end"]);
  });
});

Deno.test("what a worker's process itself writes is its own log", async () => {
  await withApi(async (test) => {
    const { node, fetch, worker } = test;
    await node.db.write((tx) => node.logs.appendOfWorker(tx, worker.id, ["from the process"]));
    const { lines } = await getJson(fetch, `/api/v1/workers/${worker.id}/logs`);
    assert.deepEqual(lines.map(({ text }: Line) => text), ["from the process"]);
    await expectProblem(fetch, "/api/v1/workers/worker-type-none/logs", {
      code: "worker_not_found",
    });
  });
});
