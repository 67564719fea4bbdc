/** Http tasks of a real worker process against a real server. */
import assert from "node:assert/strict";
import type { TaskDispatch, TaskResult, TaskWork } from "../../../lib/schema/room_events.ts";
import { BUILTIN_POLICY } from "../../../lib/worker/builtin_policy.ts";
import { ChildWorker } from "../../helpers/child_worker.ts";
import { FakeNode, task, type TaskOptions } from "../../helpers/fake_node.ts";
import { type Seen, WebServer } from "../../helpers/web_server.ts";

type Request = Extract<TaskWork, { type: "http" }>["request"];

function http(url: string, more: Partial<Request> = {}, options?: TaskOptions): TaskDispatch {
  const permissions = { net: true as const, read: [], write: [], env: [], run: [] };
  const request = { method: "GET", url, headers: {}, ...more };
  return task({ type: "http", request }, { permissions, ...options });
}

/** What matters of a result. */
function summary({ status, exit_code, error }: TaskResult): unknown[] {
  return [status, exit_code, error?.code];
}

Deno.test("what an http task asks", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await using web = new WebServer();
  await node.isReady();
  const ask = async (more: Partial<Request>): Promise<Seen> => {
    const result = await node.run(http(`${web.url}/echo?q=1`, more));
    assert.deepEqual(summary(result), ["completed", null, undefined]);
    return web.seen.at(-1) as Seen;
  };

  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    await t.step(method, async () => {
      const seen = await ask({ method });
      assert.deepEqual([seen.method, seen.path], [method, "/echo?q=1"]);
    });
  }
  await t.step("its headers", async () => {
    const { headers } = await ask({ headers: { authorization: "Bearer x", "x-mine": "a, b" } });
    assert.deepEqual([headers.authorization, headers["x-mine"]], ["Bearer x", "a, b"]);
  });
  await t.step("text as it is", async () => {
    const { headers, body } = await ask({ method: "POST", body: "ü {}" });
    assert.equal(body, "ü {}");
    assert.match(headers["content-type"] ?? "", /^text\/plain/);
  });
  await t.step("anything else as JSON", async () => {
    const { headers, body } = await ask({ method: "PUT", body: { a: [1, null, "ü"] } });
    assert.deepEqual(JSON.parse(body), { a: [1, null, "ü"] });
    assert.equal(headers["content-type"], "application/json");
  });
  await t.step("JSON under a type of its own", async () => {
    const { headers } = await ask({
      method: "POST",
      body: [1],
      headers: { "content-type": "application/merge-patch+json" },
    });
    assert.equal(headers["content-type"], "application/merge-patch+json");
  });
});

Deno.test("what becomes of an answer", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await using web = new WebServer();
  await node.isReady();

  await t.step("JSON is an output as it is, and a line tells of it", async () => {
    const dispatch = http(`${web.url}/json`);
    const { outputs } = await node.run(dispatch) as { outputs: Record<string, unknown> };
    assert.deepEqual([outputs.status, outputs.body], [200, { n: 1, list: ["ü"] }]);
    assert.equal((outputs.headers as Record<string, string>)["x-served"], "yes");
    const line = node.lines(dispatch)[0]?.text ?? "";
    assert.match(line, /^GET http:\/\/127\.0\.0\.1:\d+\/json → 200 OK \(\d+ ms\)$/);
  });
  await t.step("JSON under a +json type", async () => {
    const { outputs } = await node.run(http(`${web.url}/problem`, { expect_status: [404] }));
    const { status, body } = outputs as { status: number; body: unknown };
    assert.deepEqual([status, body], [404, { title: "no" }]);
  });
  await t.step("text stays text", async () => {
    const { outputs } = await node.run(http(`${web.url}/text`));
    assert.equal((outputs as { body: string }).body, '{"looks": "like JSON"} ü😀');
  });
  await t.step("nothing is an empty text", async () => {
    const { status, outputs } = await node.run(http(`${web.url}/status/204`));
    assert.deepEqual([status, (outputs as { body: string }).body], ["completed", ""]);
  });
  await t.step("JSON that is none", async () => {
    const result = await node.run(http(`${web.url}/bad-json`));
    assert.deepEqual(summary(result), ["failed", null, "bad_output"]);
    assert.match(result.error?.message ?? "", /\/bad-json says its answer is JSON, but it isn't/);
  });
  await t.step("every 2xx is a success by itself", async () => {
    assert.equal((await node.run(http(`${web.url}/status/299`))).status, "completed");
  });
  await t.step("anything else is not, and its text is in the log", async () => {
    const dispatch = http(`${web.url}/status/503`);
    const result = await node.run(dispatch);
    assert.deepEqual([result.status, result.outputs], ["failed", null]);
    assert.deepEqual(result.error, {
      code: "http_status",
      message: `${web.url}/status/503 answered 503 Service Unavailable, expected 200 to 299`,
    });
    const errors = node.lines(dispatch).filter(({ stream }) => stream === "stderr");
    assert.deepEqual(errors.map(({ text }) => text), ["this is", "503"]);
  });
  await t.step("expect_status decides alone", async () => {
    const expect_status = [404, 503];
    const expected = await node.run(http(`${web.url}/status/503`, { expect_status }));
    assert.equal(expected.status, "completed");
    const { error } = await node.run(http(`${web.url}/status/200`, { expect_status }));
    assert.match(error?.message ?? "", /answered 200 OK, expected 404, 503$/);
  });
  await t.step("too large", async () => {
    const result = await node.run(http(`${web.url}/bytes/33000`));
    assert.deepEqual(summary(result), ["failed", null, "output_too_large"]);
    assert.match(result.error?.message ?? "", /is longer than 32768 bytes; fetch it in a shell/);
  });
  await t.step("without an end: read no further than it may be long", async () => {
    const result = await node.run(http(`${web.url}/endless`));
    assert.deepEqual(summary(result), ["failed", null, "output_too_large"]);
    await web.until(() => web.closed.includes("/endless"));
  });
  await t.step("one that breaks off", async () => {
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answered = breakOff(server);
    const { port } = server.addr as Deno.NetAddr;
    const result = await node.run(http(`http://127.0.0.1:${port}/`));
    await answered;
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
    assert.match(result.error?.message ?? "", /^the answer of .* broke off: .+/);
  });
});

/** Answers one request, and ends the connection in the middle. */
async function breakOff(server: Deno.Listener): Promise<void> {
  using connection = await server.accept();
  await connection.read(new Uint8Array(4096));
  const half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
  await connection.write(new TextEncoder().encode(half));
}

Deno.test("redirects of an http task", async (t) => {
  await using node = new FakeNode();
  await using worker = new ChildWorker(node);
  await using web = new WebServer();
  await using elsewhere = new WebServer();
  await node.isReady();
  const secrets = { authorization: "Bearer x", cookie: "a=b", "x-mine": "kept" };

  await t.step("are followed, with everything that was sent", async () => {
    const { status } = await node.run(
      http(`${web.url}/to?status=307&url=/echo`, { method: "POST", body: "b", headers: secrets }),
    );
    assert.equal(status, "completed");
    const seen = web.seen.at(-1) as Seen;
    assert.deepEqual([seen.path, seen.method, seen.body], ["/echo", "POST", "b"]);
    assert.deepEqual([seen.headers.authorization, seen.headers["x-mine"]], ["Bearer x", "kept"]);
  });
  await t.step("credentials are not handed to somebody else", async () => {
    const url = encodeURIComponent(`${elsewhere.url}/echo`);
    await node.run(http(`${web.url}/to?status=302&url=${url}`, { headers: secrets }));
    const { headers } = elsewhere.seen.at(-1) as Seen;
    assert.deepEqual([headers.authorization, headers.cookie, headers["x-mine"]], [
      undefined,
      undefined,
      "kept",
    ]);
  });
  for (const status of [301, 302, 303]) {
    await t.step(`${status} makes a POST a GET without a body`, async () => {
      await node.run(
        http(`${web.url}/to?status=${status}&url=/echo`, { method: "POST", body: {} }),
      );
      const seen = web.seen.at(-1) as Seen;
      assert.deepEqual([seen.method, seen.body, seen.headers["content-type"]], [
        "GET",
        "",
        undefined,
      ]);
    });
  }
  await t.step("in a circle they end", async () => {
    const result = await node.run(
      http(`${web.url}/to?status=302&url=${encodeURIComponent("/circle")}`),
    );
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
    assert.match(result.error?.message ?? "", /redirects more than 10 times$/);
  });
  await t.step("to a file of this machine they don't lead", async () => {
    const path = worker.write("secret.txt", "not to be fetched");
    const url = encodeURIComponent(`file://${path}`);
    const result = await node.run(http(`${web.url}/to?status=302&url=${url}`));
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
    assert.match(result.error?.message ?? "", /redirects to file:.*, which is no http address/);
    assert.doesNotMatch(JSON.stringify(result), /not to be fetched/);
  });
  await t.step("nor to what a text itself holds", async () => {
    const url = encodeURIComponent("data:text/plain,forged");
    const result = await node.run(http(`${web.url}/to?status=302&url=${url}`));
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
  });
  await t.step("nor to a host that the task wasn't granted", async () => {
    const before = elsewhere.seen.length;
    const net = [new URL(web.url).host];
    const permissions = { net, read: [], write: [], env: [], run: [] };
    const url = encodeURIComponent(`${elsewhere.url}/echo`);
    const result = await node.run(
      http(`${web.url}/to?status=302&url=${url}`, {}, { permissions }),
    );
    assert.deepEqual(summary(result), ["failed", null, "permission_denied"]);
    assert.match(result.error?.message ?? "", /the redirect to 127\.0\.0\.1:\d+ leads out/);
    assert.equal(elsewhere.seen.length, before);
    const within = http(`${web.url}/to?status=302&url=/echo`, {}, { permissions });
    assert.equal((await node.run(within)).status, "completed");
  });
  await t.step("one that is expected is an answer", async () => {
    const { status, outputs } = await node.run(
      http(`${web.url}/to?status=302&url=/echo`, { expect_status: [302] }),
    );
    const answer = outputs as { status: number; headers: Record<string, string> };
    assert.deepEqual([status, answer.status, answer.headers.location], ["completed", 302, "/echo"]);
  });
});

Deno.test("an http task without an answer", async (t) => {
  await using node = new FakeNode();
  await using _worker = new ChildWorker(node);
  await using web = new WebServer();
  await node.isReady();

  await t.step("nobody listens", async () => {
    const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = server.addr as Deno.NetAddr;
    server.close();
    const result = await node.run(http(`http://127.0.0.1:${port}/`));
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
    assert.match(result.error?.message ?? "", /:\d+\/ could not be asked: .*refused/i);
  });
  await t.step("a name that nobody has", async () => {
    const result = await node.run(http("http://no-such-host.invalid/"));
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
    assert.match(result.error?.message ?? "", /no-such-host\.invalid\/ could not be asked/);
  });
  await t.step("a header that can't be sent", async () => {
    const result = await node.run(http(`${web.url}/echo`, { headers: { "x-a": "€" } }));
    assert.deepEqual(summary(result), ["failed", null, "http_error"]);
    assert.match(result.error?.message ?? "", /could not be asked: /);
  });
  for (const path of ["/silent", "/half"]) {
    await t.step(`${path} until the timeout`, async () => {
      const result = await node.run(http(`${web.url}${path}`, {}, { timeout_ms: 300 }));
      assert.deepEqual([result.status, result.error], ["failed", {
        code: "timeout",
        message: "ran longer than 300ms",
      }]);
      await web.until(() => web.closed.includes(path));
    });
  }
  await t.step("cancelled while it waits", async () => {
    const dispatch = http(`${web.url}/silent?cancel`);
    node.dispatch(dispatch);
    await web.until(() => web.seen.at(-1)?.path === "/silent?cancel");
    node.cancel(dispatch);
    assert.deepEqual(summary(await node.result(dispatch)), ["cancelled", null, "cancelled"]);
    await web.until(() => web.closed.includes("/silent?cancel"));
  });
});

Deno.test("a host that the policy doesn't grant is not asked", async () => {
  await using node = new FakeNode();
  await using web = new WebServer();
  await using _worker = new ChildWorker(node, {
    policy: { ...BUILTIN_POLICY, net: ["example.org"] },
  });
  await node.isReady();
  const result = await node.run(http(`${web.url}/json`));
  assert.deepEqual(summary(result), ["failed", null, "permission_denied"]);
  assert.match(result.error?.message ?? "", /may not reach 127\.0\.0\.1:\d+; grant net access/);
  assert.equal(web.seen.length, 0);
});

Deno.test("secrets in a request", async (t) => {
  await using node = new FakeNode();
  const secrets = { TOKEN: "a-secret-token", OTHER: "another-secret" };
  await using _worker = new ChildWorker(node, { bootstrap: { secrets } });
  await using web = new WebServer();
  await using elsewhere = new WebServer();
  await node.isReady();
  const headers = { authorization: "Bearer ${TOKEN}", "x-key": "k-${TOKEN}-${OTHER}" };
  const declared = { secrets: ["TOKEN"] };

  await t.step("go where their names stand, if the task declares them", async () => {
    const body = { deep: ["${TOKEN}", { "${TOKEN}": 1 }], other: "${OTHER} $TOKEN ${}" };
    const dispatch = http(`${web.url}/echo`, { method: "POST", headers, body }, declared);
    assert.equal((await node.run(dispatch)).status, "completed");
    const seen = web.seen.at(-1) as Seen;
    assert.equal(seen.headers.authorization, "Bearer a-secret-token");
    assert.equal(seen.headers["x-key"], "k-a-secret-token-${OTHER}");
    assert.deepEqual(JSON.parse(seen.body), {
      deep: ["a-secret-token", { "${TOKEN}": 1 }],
      other: "${OTHER} $TOKEN ${}",
    });
  });
  await t.step("and nothing is sent without one that there isn't", async () => {
    const before = web.seen.length;
    const result = await node.run(http(`${web.url}/echo`, { headers }, { secrets: ["NOT_THERE"] }));
    assert.deepEqual(summary(result), ["failed", null, "unknown_secret"]);
    assert.equal(web.seen.length, before);
  });
  const sentOn = (status: number): string =>
    `${web.url}/to?status=${status}&url=${encodeURIComponent(`${elsewhere.url}/echo`)}`;
  await t.step("a redirect takes no header with one to another host", async () => {
    const more = { headers: { ...headers, "x-usual": "stays" } };
    assert.equal((await node.run(http(sentOn(302), more, declared))).status, "completed");
    const seen = elsewhere.seen.at(-1) as Seen;
    assert.deepEqual(
      [seen.headers.authorization, seen.headers["x-key"], seen.headers["x-usual"]],
      [undefined, undefined, "stays"],
    );
  });
  await t.step("nor a body with one", async () => {
    const before = elsewhere.seen.length;
    const more = { method: "POST", body: "token=${TOKEN}" };
    const result = await node.run(http(sentOn(307), more, declared));
    assert.deepEqual(summary(result), ["failed", null, "permission_denied"]);
    assert.match(
      result.error?.message ?? "",
      /would get the secret in the body; ask that host itself$/,
    );
    assert.equal(elsewhere.seen.length, before);
    const asGet = await node.run(http(sentOn(303), more, declared));
    assert.equal(asGet.status, "completed", "as GET it has no body");
  });
});
