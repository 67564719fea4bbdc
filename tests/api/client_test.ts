import assert from "node:assert/strict";
import { type Client, createClient, dataOf, ProblemError } from "../../lib/api/client.ts";
import {
  fakeFetch,
  json,
  openSse,
  problem,
  refused,
  sse,
  SSE_END,
  sseEvent,
} from "./fake_fetch.ts";

const BASE = "http://node.test:6767";

/** Every method that asks once, with the request it has to send. */
const CALLS: [name: string, call: (client: Client) => Promise<unknown>, request: string][] = [
  ["health", (c) => c.health(), "GET /health"],
  ["ready", (c) => c.ready(), "GET /ready"],
  ["whoami", (c) => c.whoami(), "GET /api/v1/whoami"],
  [
    "publish",
    (c) => c.publish({ doc: { dag_id: "a" } }),
    'POST /api/v1/dag/publish {"dag_id":"a"}',
  ],
  ["validate", (c) => c.validate({ text: "x: 1" }), "POST /api/v1/dag/validate x: 1"],
  ["confirm", (c) => c.confirm("a"), "POST /api/v1/dag/a/confirm {}"],
  [
    "confirm with hash",
    (c) => c.confirm("a", { spec_hash: "3f" }),
    'POST /api/v1/dag/a/confirm {"spec_hash":"3f"}',
  ],
  ["reject", (c) => c.reject("a", { reason: "no" }), 'POST /api/v1/dag/a/reject {"reason":"no"}'],
  ["listDags", (c) => c.listDags(), "GET /api/v1/dag"],
  [
    "listDags page",
    (c) => c.listDags({ limit: 5, cursor: "x=&ü" }),
    "GET /api/v1/dag?limit=5&cursor=x%3D%26%C3%BC",
  ],
  ["getDag", (c) => c.getDag("a"), "GET /api/v1/dag/a"],
  ["getDag version", (c) => c.getDag("a", { version: 2 }), "GET /api/v1/dag/a?version=2"],
  ["versions", (c) => c.versions("a", { limit: 1 }), "GET /api/v1/dag/a/versions?limit=1"],
  ["diff", (c) => c.diff("a", { from: 1, to: 2 }), "GET /api/v1/dag/a/diff?from=1&to=2"],
  ["status", (c) => c.status("a"), "GET /api/v1/dag/a/status"],
  ["analyze", (c) => c.analyze("a"), "POST /api/v1/dag/a/analyze "],
  ["pending", (c) => c.pending(), "GET /api/v1/pending"],
  ["runDag", (c) => c.runDag("a"), "POST /api/v1/dag/a/run "],
  [
    "listRuns",
    (c) => c.listRuns({ status: "failed", dagId: "a", scope: "project:b", since: "1h", q: "x" }),
    "GET /api/v1/runs?dag_id=a&status=failed&scope=project%3Ab&since=1h&q=x",
  ],
  ["getRun", (c) => c.getRun("r"), "GET /api/v1/runs/r"],
  ["getTask", (c) => c.getTask("r", "t"), "GET /api/v1/runs/r/tasks/t"],
  ["runLogs", (c) => c.runLogs("r", { cursor: "9" }), "GET /api/v1/runs/r/logs?cursor=9"],
  ["runLogs task", (c) => c.runLogs("r", { taskId: "t" }), "GET /api/v1/runs/r/tasks/t/logs"],
  ["cancelRun", (c) => c.cancelRun("r"), "POST /api/v1/runs/r/cancel "],
  ["retryRun", (c) => c.retryRun("r"), "POST /api/v1/runs/r/retry {}"],
  ["pauseRun", (c) => c.pauseRun("r"), "POST /api/v1/runs/r/pause "],
  ["resumeRun", (c) => c.resumeRun("r"), "POST /api/v1/runs/r/resume "],
  [
    "issueTask",
    (c) => c.issueTask({ id: "t", command: "true" }),
    'POST /api/v1/task/issue {"id":"t","command":"true"}',
  ],
  ["tasks", (c) => c.tasks({ limit: 3, cursor: "x" }), "GET /api/v1/tasks?limit=3&cursor=x"],
  ["taskStatus", (c) => c.taskStatus("a/b"), "GET /api/v1/task/a%2Fb/status"],
  ["audit", (c) => c.audit(), "GET /api/v1/audit"],
  [
    "audit filtered",
    (c) => c.audit({ action: "dag.confirm", target: "d", tokenId: "tok-1", limit: 2 }),
    "GET /api/v1/audit?action=dag.confirm&target=d&token_id=tok-1&limit=2",
  ],
  ["workers", (c) => c.workers({ limit: 2 }), "GET /api/v1/workers?limit=2"],
  ["worker", (c) => c.worker("w"), "GET /api/v1/workers/w"],
  ["workerLogs", (c) => c.workerLogs("w"), "GET /api/v1/workers/w/logs"],
  [
    "startWorker",
    (c) => c.startWorker({ scope: { type: "global" } }),
    'POST /api/v1/workers {"scope":{"type":"global"}}',
  ],
  ["stopWorker", (c) => c.stopWorker("w"), "POST /api/v1/workers/w/stop "],
  ["restartWorker", (c) => c.restartWorker("w"), "POST /api/v1/workers/w/restart "],
  ["tokens", (c) => c.tokens(), "GET /api/v1/tokens"],
  [
    "createToken",
    (c) => c.createToken({ name: "ci", roles: ["publisher"] }),
    'POST /api/v1/tokens {"name":"ci","roles":["publisher"]}',
  ],
  ["revokeToken", (c) => c.revokeToken("t"), "DELETE /api/v1/tokens/t"],
];

for (const [name, call, request] of CALLS) {
  Deno.test(`${name} sends ${request}`, async () => {
    const { fetch, sent } = fakeFetch(json({ some: "answer" }));
    const result = await call(createClient({ baseUrl: BASE, fetch }));
    assert.deepEqual(result, { ok: true, data: { some: "answer" } });
    const [first] = sent;
    assert.equal(sent.length, 1);
    const body = first?.method === "POST" ? ` ${first.body}` : "";
    assert.equal(`${first?.method} ${first?.path}${body}`, request);
    assert.equal(first?.url.startsWith(`${BASE}/`), true);
  });
}

Deno.test("what stands in a path is encoded", async () => {
  const { fetch, sent } = fakeFetch(json({}));
  const client = createClient({ baseUrl: BASE, fetch });
  await client.getTask("../../tokens", "a/b?c#d é");
  assert.equal(sent[0]?.path, "/api/v1/runs/..%2F..%2Ftokens/tasks/a%2Fb%3Fc%23d%20%C3%A9");
});

Deno.test("slashes behind the address don't double", async () => {
  const { fetch, sent } = fakeFetch(json({}));
  await createClient({ baseUrl: `${BASE}//`, fetch }).health();
  assert.equal(sent[0]?.url, `${BASE}/health`);
});

Deno.test("without an address it asks where the page came from", async () => {
  const { fetch, sent } = fakeFetch(json({}));
  await createClient({ baseUrl: "", fetch }).health();
  assert.equal(sent[0]?.url, "/health");
});

Deno.test("token and cookie travel as headers, and only where given", async () => {
  const { fetch, sent } = fakeFetch(json({}));
  await createClient({ baseUrl: BASE, fetch, token: "did:cis:n:s", cookie: "a=b" }).health();
  await createClient({ baseUrl: BASE, fetch }).health();
  assert.equal(sent[0]?.headers.get("authorization"), "Bearer did:cis:n:s");
  assert.equal(sent[0]?.headers.get("cookie"), "a=b");
  assert.equal(sent[1]?.headers.has("authorization"), false);
  assert.equal(sent[1]?.headers.has("cookie"), false);
});

Deno.test("documents go out as JSON, texts as they are said to be, others unnamed", async () => {
  const { fetch, sent } = fakeFetch(json({}));
  const client = createClient({ baseUrl: BASE, fetch });
  await client.publish({ doc: {} });
  await client.publish({ text: "a: 1", contentType: "application/yaml" });
  await client.publish({ text: "a = 1" });
  assert.deepEqual(
    sent.map(({ headers }) => headers.get("content-type")),
    ["application/json", "application/yaml", null],
  );
});

Deno.test("without a content type none goes over the wire either", async () => {
  const seen = Promise.withResolvers<string | null>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    seen.resolve(request.headers.get("content-type"));
    return json({});
  });
  try {
    await createClient({ baseUrl: `http://127.0.0.1:${server.addr.port}` })
      .publish({ text: "a = 1" });
    assert.equal(await seen.promise, null);
  } finally {
    await server.shutdown();
  }
});

Deno.test("every change has its own Idempotency-Key, or the one given; reads have none", async () => {
  const { fetch, sent } = fakeFetch(json({}));
  const client = createClient({ baseUrl: BASE, fetch });
  await client.cancelRun("r");
  await client.cancelRun("r");
  await client.cancelRun("r", { idempotencyKey: "mine" });
  await client.getRun("r");
  const [one, two, three, four] = sent.map(({ headers }) => headers.get("idempotency-key"));
  assert.match(one ?? "", /^[0-9a-f]{32}$/);
  assert.match(two ?? "", /^[0-9a-f]{32}$/);
  assert.notEqual(one, two);
  assert.equal(three, "mine");
  assert.equal(four, null);
});

Deno.test("a broken connection is tried once more under the same key", async () => {
  const { fetch, sent } = fakeFetch(refused, json({ run_id: "r" }));
  const result = await createClient({ baseUrl: BASE, fetch }).confirm("a");
  assert.equal(result.ok, true);
  assert.equal(sent.length, 2);
  const keys = sent.map(({ headers }) => headers.get("idempotency-key"));
  assert.equal(keys[0], keys[1]);
});

Deno.test("a node that can't be reached is a problem, not an exception", async () => {
  const { fetch, sent } = fakeFetch(refused);
  const result = await createClient({ baseUrl: BASE, fetch }).health();
  assert.equal(result.ok, false);
  if (result.ok) return;
  assert.equal(result.problem.code, "unreachable");
  assert.equal(result.problem.status, 0);
  assert.equal(result.problem.detail, `Can't reach the node at ${BASE}: Connection refused`);
  assert.equal(sent.length, 2);
});

Deno.test("an answer that doesn't come in time is unreachable, and not asked for again", async () => {
  const { fetch, sent } = fakeFetch(({ signal }) =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason))
    )
  );
  const result = await createClient({ baseUrl: BASE, fetch, timeoutMs: 10 }).health();
  assert.equal(result.ok, false);
  if (result.ok) return;
  assert.equal(result.problem.code, "unreachable");
  assert.match(result.problem.detail, /no answer within 0\.01 s/);
  assert.equal(sent.length, 1);
});

Deno.test("a problem document comes back whole", async () => {
  const errors = [{ path: "tasks[0].id", code: "bad_id", message: "no" }];
  const { fetch, sent } = fakeFetch(problem(422, "invalid_spec", { errors, next_version: 4 }));
  const result = await createClient({ baseUrl: BASE, fetch }).publish({ doc: {} });
  assert.equal(result.ok, false);
  if (result.ok) return;
  assert.equal(result.problem.code, "invalid_spec");
  assert.deepEqual(result.problem.errors, errors);
  assert.equal(result.problem.next_version, 4);
  assert.equal(sent.length, 1);
});

for (
  const [what, answer, status] of [
    ["a page", new Response("<html>", { headers: { "content-type": "text/html" } }), 200],
    ["an error page", new Response("Bad gateway", { status: 502 }), 502],
    ["JSON that is no problem", json({ error: "x" }, 500), 500],
    ["a redirect", new Response(null, { status: 302, headers: { location: "/login" } }), 302],
  ] as const
) {
  Deno.test(`${what} is an unexpected answer`, async () => {
    const { fetch } = fakeFetch(answer);
    const result = await createClient({ baseUrl: BASE, fetch }).health();
    assert.equal(result.ok, false);
    if (result.ok) return;
    assert.equal(result.problem.code, "unexpected_answer");
    assert.equal(result.problem.status, status);
  });
}

Deno.test("no content is null", async () => {
  const { fetch } = fakeFetch(new Response(null, { status: 204 }));
  const result = await createClient({ baseUrl: BASE, fetch }).revokeToken("t");
  assert.deepEqual(result, { ok: true, data: null });
});

Deno.test("dataOf gives the data or throws the problem", async () => {
  const { fetch } = fakeFetch(json({ status: "ok" }), problem(404, "run_not_found"));
  const client = createClient({ baseUrl: BASE, fetch });
  assert.deepEqual(dataOf(await client.health()) as unknown, { status: "ok" });
  const result = await client.getRun("r");
  assert.throws(
    () => dataOf(result),
    (error) => error instanceof ProblemError && error.problem.code === "run_not_found",
  );
});

async function take<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

Deno.test("followLogs asks for a stream from the first line and yields lines", async () => {
  const lines = [{ seq: 4, text: "a" }, { seq: 9, text: "b" }];
  const { fetch, sent } = fakeFetch(sse(lines.map(sseEvent).join("") + SSE_END));
  const client = createClient({ baseUrl: BASE, fetch, token: "t" });
  assert.deepEqual(await take(client.followLogs("r", { taskId: "t 1" })), lines);
  assert.equal(sent[0]?.path, "/api/v1/runs/r/tasks/t%201/logs");
  assert.equal(sent[0]?.headers.get("accept"), "text/event-stream");
  assert.equal(sent[0]?.headers.get("last-event-id"), "0");
  assert.equal(sent[0]?.headers.get("authorization"), "Bearer t");
});

Deno.test("followRunEvents goes on after the last event when the connection was lost", async () => {
  const events = [1, 2, 3].map((seq) => ({ seq, type: "task.running" }));
  const { fetch, sent } = fakeFetch(
    sse("retry: 1\n" + events.slice(0, 2).map(sseEvent).join("")),
    sse(events.slice(2).map(sseEvent).join("") + SSE_END),
  );
  const client = createClient({ baseUrl: BASE, fetch });
  assert.deepEqual(await take(client.followRunEvents("r")), events);
  assert.deepEqual(sent.map(({ headers }) => headers.get("last-event-id")), ["0", "2"]);
  assert.equal(sent[0]?.path, "/api/v1/runs/r/events");
});

Deno.test("followEvents begins where the node begins and ends when aborted", async () => {
  const stop = new AbortController();
  const { fetch, sent } = fakeFetch(openSse(sseEvent({ seq: 1, type: "worker.running" })));
  const stream = createClient({ baseUrl: BASE, fetch }).followEvents({ signal: stop.signal });
  assert.equal((await stream.next()).value?.type, "worker.running");
  const waiting = stream.next();
  stop.abort();
  assert.equal((await waiting).done, true);
  assert.equal(sent[0]?.path, "/api/v1/events");
  assert.equal(sent[0]?.headers.has("last-event-id"), false);
});

Deno.test("followWorkerLogs follows a worker's lines", async () => {
  const { fetch, sent } = fakeFetch(sse(sseEvent({ seq: 1 }) + SSE_END));
  const client = createClient({ baseUrl: BASE, fetch });
  assert.equal((await take(client.followWorkerLogs("worker-global"))).length, 1);
  assert.equal(sent[0]?.path, "/api/v1/workers/worker-global/logs");
});

Deno.test("a stream that isn't JSON ends with a problem", async () => {
  const { fetch } = fakeFetch(sse("data: hello\n\n"));
  const client = createClient({ baseUrl: BASE, fetch });
  await assert.rejects(
    take(client.followEvents()),
    (error) => error instanceof ProblemError && error.problem.code === "unexpected_answer",
  );
});

Deno.test("the client carries nothing that a page couldn't load", async () => {
  const entry = new URL("../../lib/api/client.ts", import.meta.url).href;
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry] });
  const { stdout } = await command.output();
  const graph = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: { specifier: string; code?: unknown }[] }[];
  };
  // Types vanish; what is imported as code stays.
  const loaded = graph.modules.filter(({ specifier }) => specifier.includes("/lib/api/"))
    .flatMap(({ dependencies = [] }) => dependencies)
    .filter(({ code }) => code !== undefined).map(({ specifier }) => specifier);
  assert.deepEqual(
    [...new Set(loaded)].sort(),
    [
      "../schema/log_query.ts",
      "./client_request.ts",
      "./pause.ts",
      "./secret_client.ts",
      "./sse_follower.ts",
      "./sse_reader.ts",
    ],
  );
});
