/** The stream that a run's page follows: what it shows and every line, once, from any place on. */
import assert from "node:assert/strict";
import { livePlace, type LiveSource, liveStream } from "../../lib/api/live_stream.ts";
import { packLines } from "../helpers/pack_lines.ts";
import { type SseEvent, SseReader } from "../helpers/sse.ts";
import { startDag, type TestNode, withNode } from "../helpers/test_node.ts";

const GATE = { dag_id: "gate", tasks: [{ id: "wait", type: "approval" }] };

/** A run that waits for a person. @returns its id */
async function started({ fetch }: TestNode): Promise<string> {
  return (await startDag(fetch, GATE)).run_id;
}

/** Follows a run from a place; the view is how its state is called. */
function follow(
  { node }: TestNode,
  { runId, place, made = [] }: { runId: string; place?: string; made?: string[] },
): SseReader {
  const source: LiveSource = {
    node,
    runId,
    key: runId,
    log: { runId },
    make: () => {
      const status = node.runs.load(runId)?.status ?? "gone";
      made.push(status);
      return { status };
    },
  };
  const headers = new Headers(place === undefined ? {} : { "last-event-id": place });
  return new SseReader(liveStream(new Request("http://localhost/", { headers }), source));
}

/** Stores lines from one number to another. */
async function write(
  { node }: TestNode,
  runId: string,
  [from, to]: [number, number],
): Promise<void> {
  const lines = Array.from({ length: to - from + 1 }, (_, at) => ({
    line: from + at,
    time: Date.now(),
    stream: "stdout" as const,
    text: `line ${from + at}`,
  }));
  const of = { run_id: runId, task_id: "wait", attempt: 1, lease: "lease" };
  await node.db.write((tx) => {
    for (const chunk of packLines(lines)) {
      node.logs.append(tx, "worker-global", { ...of, ...chunk });
    }
  });
}

function textsOf(events: readonly SseEvent[]): string[] {
  return events.filter(({ event }) => event === "lines").flatMap(({ data }) =>
    data.map((line: { text: string }) => line.text)
  );
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);
}

Deno.test("a page gets what it lacks, then what changes, and the end", async () => {
  await withNode(async (test) => {
    const runId = await started(test);
    await write(test, runId, [1, 3]);
    const reader = follow(test, { runId });
    const [log, view] = await reader.take(2);
    assert.deepEqual(textsOf(log === undefined ? [] : [log]), lines(1, 3));
    assert.deepEqual([view?.event, view?.data], ["view", { status: "running" }]);
    await test.fetch(`/api/v1/runs/${runId}/cancel`, { method: "POST" });
    const rest = await reader.rest();
    assert.deepEqual(rest.at(-2)?.data, { status: "cancelled" });
    assert.equal(rest.at(-1)?.event, "end");
  });
});

Deno.test("a page that is up to date is told nothing until something happens", async () => {
  await withNode(async (test) => {
    const runId = await started(test);
    await write(test, runId, [1, 3]);
    const line = test.node.logs.tail({ runId }, 1)[0]?.seq ?? 0;
    const made: string[] = [];
    const place = livePlace({ event: test.node.events.latest(), line });
    const reader = follow(test, { runId, place, made });
    await write(test, runId, [4, 4]);
    const [first] = await reader.take(1);
    assert.deepEqual(textsOf(first === undefined ? [] : [first]), ["line 4"]);
    assert.deepEqual(made, []);
    await reader.leave();
  });
});

Deno.test("whoever comes back is told each line once, wherever the connection broke", async () => {
  await withNode(async (test) => {
    const runId = await started(test);
    await write(test, runId, [1, 1_200]);
    const seen: string[] = [];
    let place: string | undefined;
    // Each connection breaks after a message, and meanwhile more is written.
    for (let round = 0; round < 4; round++) {
      const reader = follow(test, { runId, place });
      const [event] = await reader.take(1);
      if (event === undefined) break;
      seen.push(...textsOf([event]));
      place = event.id;
      await reader.leave();
      await write(test, runId, [1_201 + round, 1_201 + round]);
    }
    await test.fetch(`/api/v1/runs/${runId}/cancel`, { method: "POST" });
    seen.push(...textsOf(await follow(test, { runId, place }).rest()));
    assert.deepEqual(seen, lines(1, 1_204));
  });
});

Deno.test("a place that is none begins at the beginning", async () => {
  await withNode(async (test) => {
    const runId = await started(test);
    await write(test, runId, [1, 2]);
    for (const place of ["x", "-1-1", "1", "9999999999999999-1", "1-2-3"]) {
      const reader = follow(test, { runId, place });
      assert.deepEqual(textsOf(await reader.take(1)), lines(1, 2), place);
      await reader.leave();
    }
  });
});

Deno.test("a view is made once for all who look at it, and not again for each change", async () => {
  await withNode(async (test) => {
    const runId = await started(test);
    const made: string[] = [];
    const readers = Array.from({ length: 20 }, () => follow(test, { runId, made }));
    const views = await Promise.all(readers.map((reader) => reader.take(1)));
    assert.ok(views.every(([view]) => view?.data.status === "running"));
    assert.equal(made.length, 1);
    for (const action of ["pause", "resume", "pause", "resume"]) {
      await test.fetch(`/api/v1/runs/${runId}/${action}`, { method: "POST" });
    }
    await Promise.all(readers.map((reader) => reader.take(1)));
    assert.ok(made.length <= 4, `made ${made.length} times`);
    await Promise.all(readers.map((reader) => reader.leave()));
  });
});
