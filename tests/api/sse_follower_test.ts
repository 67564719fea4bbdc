import assert from "node:assert/strict";
import { ProblemError } from "../../lib/api/client.ts";
import { type FollowOptions, followSse } from "../../lib/api/sse_follower.ts";
import { type Answer, fakeFetch, openSse, problem, refused, sse, SSE_END } from "./fake_fetch.ts";

interface Followed {
  readonly data: string[];
  readonly resumedAfter: string[];
  readonly error?: unknown;
}

/** Follows the streams of these connections to the end. */
async function follow(answers: Answer[], options: FollowOptions = {}): Promise<Followed> {
  const { fetch } = fakeFetch(...answers);
  const data: string[] = [];
  const resumedAfter: string[] = [];
  const open = (lastEventId: string, signal: AbortSignal): Promise<Response> => {
    resumedAfter.push(lastEventId);
    return fetch("http://node/events", { signal });
  };
  try {
    const stream = followSse(open, { retryMs: 1, maxFailures: 3, ...options });
    for await (const message of stream) data.push(message.data);
    return { data, resumedAfter };
  } catch (error) {
    return { data, resumedAfter, error };
  }
}

Deno.test("a lost connection is opened again after the last complete event", async () => {
  const { data, resumedAfter, error } = await follow([
    sse("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: cut o"),
    sse("id: 3\ndata: c\n\n" + SSE_END),
  ]);
  assert.equal(error, undefined);
  assert.deepEqual(data, ["a", "b", "c"]);
  assert.deepEqual(resumedAfter, ["", "2"]);
});

Deno.test("the end event ends it; nothing behind it counts", async () => {
  const { data } = await follow([sse("data: a\n\n" + SSE_END + "data: b\n\n")]);
  assert.deepEqual(data, ["a"]);
});

Deno.test("status 204 ends it", async () => {
  const { data, error } = await follow([sse("data: a\n\n"), new Response(null, { status: 204 })]);
  assert.deepEqual([data, error], [["a"], undefined]);
});

Deno.test("it begins after the event that is named", async () => {
  const { resumedAfter } = await follow([sse(SSE_END)], { lastEventId: "41" });
  assert.deepEqual(resumedAfter, ["41"]);
});

Deno.test("network failures and server errors are tried again", async () => {
  const { data, error } = await follow([
    refused,
    problem(503, "not_ready"),
    new Response("busy", { status: 429 }),
    sse("id: 1\ndata: a\n\n"),
    refused,
    sse(SSE_END),
  ]);
  assert.deepEqual([data, error], [["a"], undefined]);
});

Deno.test("a refusal is final", async () => {
  const { error, resumedAfter } = await follow([problem(404, "run_not_found")]);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.problem.code, "run_not_found");
  assert.equal(resumedAfter.length, 1);
});

Deno.test("an answer that is no stream is final", async () => {
  const { error } = await follow([new Response("<html>", { status: 200 })]);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.problem.code, "unexpected_answer");
});

Deno.test("after too many failures in a row it is given up as unreachable", async () => {
  const { error, resumedAfter } = await follow([sse("id: 1\ndata: a\n\n"), refused]);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.problem.code, "unreachable");
  assert.match(error.problem.detail, /4 attempts .* fetch failed/);
  // The first one worked; the one that is too many was the fourth to fail.
  assert.deepEqual(resumedAfter, ["", "1", "1", "1", "1"]);
});

Deno.test("a stream that only says that it lives is not a failure", async () => {
  const alive = sse(": alive\n\n");
  const { error, resumedAfter } = await follow(
    [alive, alive, alive, alive, alive, alive, sse(SSE_END)],
  );
  assert.equal(error, undefined);
  assert.equal(resumedAfter.length, 7);
});

Deno.test("aborting ends it while it waits for an event", async () => {
  const stop = new AbortController();
  const { fetch } = fakeFetch(openSse("id: 1\ndata: a\n\n"));
  const stream = followSse((_id, signal) => fetch("http://node/", { signal }), {
    signal: stop.signal,
  });
  assert.equal((await stream.next()).done, false);
  const waiting = stream.next();
  stop.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

Deno.test("aborting ends it while it pauses before a new connection", async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const stream = followSse(() => {
    asked.resolve();
    return Promise.reject(new TypeError("refused"));
  }, { signal: stop.signal, retryMs: 3_600_000 });
  const waiting = stream.next();
  await asked.promise;
  stop.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

Deno.test("an aborted signal opens nothing", async () => {
  const { resumedAfter } = await follow([sse("data: a\n\n")], { signal: AbortSignal.abort() });
  assert.deepEqual(resumedAfter, []);
});

Deno.test("leaving the loop closes the connection", async () => {
  let inner: AbortSignal | undefined;
  const { fetch } = fakeFetch(openSse("data: a\n\n"));
  const stream = followSse((_id, signal) => {
    inner = signal;
    return fetch("http://node/", { signal });
  });
  for await (const _message of stream) break;
  assert.equal(inner?.aborted, true);
});

Deno.test("the server's retry is the pause before a new connection", async () => {
  const asked: number[] = [];
  const { fetch } = fakeFetch(sse("retry: 1\n\n"), sse("data: a\n\n" + SSE_END));
  const stream = followSse((_id, signal) => {
    asked.push(performance.now());
    return fetch("http://node/", { signal });
  }, { retryMs: 60_000 });
  // With the pause of the options this would take a minute.
  assert.equal((await stream.next()).value?.data, "a");
  await stream.return();
  assert.equal(asked.length, 2);
});
