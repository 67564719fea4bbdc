/** Output as the API gives it: forms, filters, streams, search. */
import assert from "node:assert/strict";
import { SseParser } from "../../../../lib/api/sse_reader.ts";
import type { LogLineView, LogPage } from "../../../../lib/schema/api.ts";
import type { LogSearchPage } from "../../../../lib/schema/log_search_page.ts";
import type { LogLine } from "../../../../lib/schema/log_chunk.ts";
import { type FakeWorker, fakeWorker } from "../../../helpers/fake_worker.ts";
import {
  call,
  startDag,
  type TestFetch,
  type TestNode,
  withServedNode,
} from "../../../helpers/test_node.ts";

const STREAM = { headers: { accept: "text/event-stream" } };

interface Setting extends TestNode {
  readonly worker: FakeWorker;
}

async function withWorker(use: (setting: Setting) => Promise<void>): Promise<void> {
  await withServedNode(async (test) => {
    await using worker = await fakeWorker(test.node, "project:abc");
    await use({ ...test, worker });
  });
}

function linesOf(texts: readonly string[], more: Partial<LogLine> = {}): LogLine[] {
  return texts.map((text, index) => ({
    line: index + 1,
    time: 1000 + index,
    stream: "stdout",
    text,
    ...more,
  }));
}

/** A run of tasks that write these lines and are done. @returns its id */
async function finishedRun(
  { fetch, worker }: Setting,
  tasks: Record<string, readonly LogLine[]>,
): Promise<string> {
  const { run_id } = await startDag(fetch, {
    dag_id: `d${crypto.randomUUID().slice(0, 8)}`,
    scope: { type: "project", project_id: "abc" },
    tasks: Object.keys(tasks).map((id) => ({ id, type: "shell", command: "true" })),
  });
  for (let left = Object.keys(tasks).length; left > 0; left--) {
    const task = await worker.take();
    await worker.log(task, tasks[task.task_id] ?? []);
    await worker.finish(task);
  }
  return run_id;
}

async function streamOf(fetch: TestFetch, path: string, after = "0"): Promise<LogLineView[]> {
  const headers = { ...STREAM.headers, "last-event-id": after };
  const text = await (await fetch(path, { headers })).text();
  const messages = new SseParser().push(text);
  assert.equal(messages.at(-1)?.event, "end");
  return messages.slice(0, -1).map(({ id, data }) => {
    const line = JSON.parse(data) as LogLineView;
    assert.equal(id, String(line.seq));
    return line;
  });
}

Deno.test("a stream goes on behind every single line, with nothing missing or twice", async () => {
  await withWorker(async (setting) => {
    const texts = Array.from({ length: 40 }, (_, n) => `line ${n}`);
    const runId = await finishedRun(setting, { a: linesOf(texts) });
    const path = `/api/v1/runs/${runId}/logs`;
    const all = await streamOf(setting.fetch, path);
    assert.deepEqual(all.map(({ text }) => text), texts);
    for (const [index, { seq }] of all.entries()) {
      assert.deepEqual(await streamOf(setting.fetch, path, String(seq)), all.slice(index + 1));
    }
  });
});

Deno.test("filters let the lines through that are asked for, in every form", async () => {
  await withWorker(async (setting) => {
    const { fetch } = setting;
    const runId = await finishedRun(setting, {
      a: [
        { line: 1, time: 1_000, stream: "stdout", text: "Alpha" },
        { line: 2, time: 2_000, stream: "stderr", text: "beta" },
        { line: 3, time: 3_000, stream: "stdout", text: "ALPHA again" },
      ],
      b: [{ line: 1, time: 4_000, stream: "stdout", text: "other alpha" }],
    });
    const path = `/api/v1/runs/${runId}/logs`;
    const expected: Record<string, string[]> = {
      "?q=alpha&task=a": ["Alpha", "ALPHA again"],
      "?stream=stderr": ["beta"],
      "?attempt=2": [],
      "?attempt=1&task=b": ["other alpha"],
      "?since=1970-01-01T00:00:02Z&until=1970-01-01T00:00:04Z": ["beta", "ALPHA again"],
      "?q=nowhere": [],
    };
    for (const [query, texts] of Object.entries(expected)) {
      const page = await call<LogPage>(fetch, path + query);
      assert.deepEqual(
        [page.lines.map(({ text }) => text), page.next_cursor],
        [texts, null],
        query,
      );
      const plain = await (await fetch(path + query, { headers: { accept: "text/plain" } })).text();
      assert.equal(plain, texts.map((text) => `${text}\n`).join(""), query);
      const streamed = await streamOf(fetch, path + query);
      assert.deepEqual(streamed.map(({ text }) => text), texts, query);
    }
    for (
      const query of [
        "?attempt=0",
        "?attempt=x",
        "?stream=stdin",
        "?since=soon",
        "?until=x",
        `?q=${"x".repeat(201)}`,
      ]
    ) {
      const response = await fetch(path + query);
      assert.equal(response.status, 400, query);
      assert.equal((await response.json()).code, "invalid_request");
    }
  });
});

Deno.test("a download is the whole text under a name of its own", async () => {
  await withWorker(async (setting) => {
    const { fetch, node, worker } = setting;
    const runId = await finishedRun(setting, { a: linesOf(["one", "two"]) });
    await node.db.write((tx) => node.logs.appendOfWorker(tx, worker.id, ["own"]));
    for (
      const [path, name, text] of [
        [`/api/v1/runs/${runId}/logs`, `${runId}.log`, "one\ntwo\n"],
        [`/api/v1/runs/${runId}/tasks/a/logs`, `${runId}-a.log`, "one\ntwo\n"],
        [`/api/v1/workers/${worker.id}/logs`, `${worker.id}.log`, "own\n"],
      ] as const
    ) {
      const response = await fetch(`${path}?download=1`);
      assert.equal(response.headers.get("content-disposition"), `attachment; filename="${name}"`);
      assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
      assert.equal(await response.text(), text);
    }
  });
});

Deno.test("plain text is read piece by piece, however much there is", async () => {
  await withWorker(async (setting) => {
    const texts = Array.from({ length: 9_000 }, (_, n) => `line ${n} `.padEnd(40, "x"));
    const runId = await finishedRun(setting, { a: linesOf(texts) });
    const response = await setting.fetch(`/api/v1/runs/${runId}/logs?download=1`);
    assert.ok(response.body !== null);
    let pieces = 0;
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of response.body) {
      pieces++;
      text += decoder.decode(bytes, { stream: true });
      assert.ok(bytes.length < 200_000);
    }
    assert.equal(text, texts.map((line) => `${line}\n`).join(""));
    assert.ok(pieces > 3, `${pieces} pieces`);
  });
});

Deno.test("a page of very long lines ends before it is too large, and the next goes on", async () => {
  await withWorker(async (setting) => {
    const texts = Array.from({ length: 600 }, (_, n) => `${n} `.padEnd(8_000, "x"));
    const runId = await finishedRun(
      setting,
      Object.fromEntries(
        Array.from({ length: 20 }, (_, task) => [
          `t${task}`,
          linesOf(texts.slice(0, 30)).map((line) => ({ ...line, text: `${task} ${line.text}` })),
        ]),
      ),
    );
    const seen: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ""; cursor !== null; pages++) {
      const query: string = cursor === "" ? "?limit=5000" : `?limit=5000&cursor=${cursor}`;
      const page: LogPage = await call<LogPage>(
        setting.fetch,
        `/api/v1/runs/${runId}/logs${query}`,
      );
      seen.push(...page.lines.map(({ text }) => text));
      cursor = page.next_cursor;
    }
    assert.equal(new Set(seen).size, 600);
    assert.equal(seen.length, 600);
    assert.ok(pages >= 2, `${pages} pages`);
  });
});

Deno.test("the search finds lines of all runs and workers, newest first, page by page", async () => {
  await withWorker(async (setting) => {
    const { fetch, node, worker } = setting;
    const first = await finishedRun(setting, { a: linesOf(["needle 1", "hay", "Needle 2"]) });
    const second = await finishedRun(setting, { a: linesOf(["needle 3"]) });
    await node.db.write((tx) => node.logs.appendOfWorker(tx, worker.id, ["needle 4"]));
    const found: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page: LogSearchPage = await call(fetch, `/api/v1/logs?q=needle&limit=1${query}`);
      assert.ok(page.count <= 1);
      found.push(...page.lines.map(({ text, run_id, worker_id }) => [text, run_id, worker_id]));
      cursor = page.next_cursor;
    }
    assert.deepEqual(found, [
      ["needle 4", null, worker.id],
      ["needle 3", second, worker.id],
      ["Needle 2", first, worker.id],
      ["needle 1", first, worker.id],
    ]);
    const ofRun = await call<LogSearchPage>(fetch, `/api/v1/logs?q=needle&run=${second}`);
    assert.deepEqual(ofRun.lines.map(({ text }) => text), ["needle 3"]);
  });
});

Deno.test("the search shows nobody what they may not see", async () => {
  await withWorker(async (setting) => {
    const { fetch, node, worker } = setting;
    await finishedRun(setting, { a: linesOf(["needle of abc"]) });
    await node.db.write((tx) => node.logs.appendOfWorker(tx, worker.id, ["needle of its worker"]));
    const texts = async (token: string | null): Promise<string[]> =>
      (await call<LogSearchPage>(fetch, "/api/v1/logs?q=needle", { token })).lines.map(({ text }) =>
        text
      );
    assert.deepEqual(await texts(await setting.as(["viewer"], { scopes: ["project:abc"] })), [
      "needle of its worker",
      "needle of abc",
    ]);
    assert.deepEqual(await texts(await setting.as(["viewer"], { scopes: ["project:x"] })), []);
    assert.equal((await fetch("/api/v1/logs?q=needle", { token: null })).status, 401);
  });
});

Deno.test("a worker's chunk counts only under its own lease, and also just after the end", async () => {
  await withWorker(async (setting) => {
    const { fetch, worker, node } = setting;
    const { run_id } = await startDag(fetch, {
      dag_id: "lease",
      scope: { type: "project", project_id: "abc" },
      tasks: [{ id: "a", type: "shell", command: "true" }],
    });
    const task = await worker.take();
    await worker.log({ ...task, lease: "another" }, linesOf(["forged"]));
    await worker.log(task, linesOf(["one"]));
    await worker.finish(task);
    await worker.log(task, [{ line: 2, time: 1, stream: "stdout", text: "late" }]);
    worker.send("io.cis.task.log", {
      logs: [{ ...task, first_line: 3, time: 1, runs: [[0, 2, 0]], text: "x" }],
    });
    await worker.settled();
    const texts = node.logs.read({ runId: run_id }, { after: 0, limit: 9 }).map(({ text }) => text);
    assert.deepEqual(texts, ["one", "late"]);
    // The first complaint is told at once, those that follow it later and together.
    assert.match(setting.reports.join("\n"), /sent logs of others' attempts/);
  });
});
