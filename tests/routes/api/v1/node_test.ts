/** health, ready, metrics, whoami, sign-in link: the node about itself. */
import assert from "node:assert/strict";
import { startDag } from "../../../helpers/test_node.ts";
import { withStillNode } from "../../../scheduler/decision_fixture.ts";
import { expectProblem, failsAtOnce, getJson } from "./api_fixture.ts";

Deno.test("health answers anybody, ready only says yes while work is taken", async () => {
  await withStillNode(async (test) => {
    const { fetch, node } = test;
    const health = await getJson(fetch, "/health", { token: null });
    assert.deepEqual(
      [health.status, health.service, health.node_id],
      ["ok", "glm-api", "node1"],
    );
    assert.match(health.version, /^\d+\.\d+\.\d+/);
    assert.equal((await getJson(fetch, "/ready", { token: null })).status, "ready");
    node.isReady = false;
    try {
      const response = await fetch("/ready", { token: null });
      assert.deepEqual([response.status, (await response.json()).status], [503, "starting"]);
      assert.equal((await fetch("/health", { token: null })).status, 200);
      await expectProblem(fetch, "/api/v1/runs", { code: "not_ready" });
      await expectProblem(fetch, "/metrics", { code: "not_ready" });
    } finally {
      node.isReady = true;
    }
  });
});

Deno.test("a HEAD is answered as a GET, without the body", async () => {
  await withStillNode(async ({ fetch }) => {
    for (const path of ["/health", "/api/v1/runs", "/api/v1/events"]) {
      const response = await fetch(path, { method: "HEAD" });
      assert.deepEqual([response.status, await response.text()], [200, ""], path);
    }
  });
});

Deno.test("metrics are lines that Prometheus reads, and count what there is", async () => {
  await withStillNode(async ({ fetch }) => {
    await startDag(fetch, failsAtOnce("d"));
    const response = await fetch("/metrics");
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    for (const line of text.trimEnd().split("\n")) {
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[a-z_]+"\})? [0-9.e+]+)$/);
    }
    assert.ok(text.includes('cis_runs{status="failed"} 1\n'), text);
    assert.ok(text.includes('cis_dag_versions{status="confirmed"} 1\n'), text);
  });
});

Deno.test("a sign-in link opens one session, as the token that asked for it", async () => {
  await withStillNode(async (test) => {
    const token = await test.as(["viewer"]);
    const init = { method: "POST", token };
    const { url } = await getJson(test.fetch, "/api/v1/sign-in-link", init);
    const { pathname, search } = new URL(url);
    assert.equal(pathname, "/sign-in");
    assert.match(search, /^\?ticket=[A-Za-z0-9_-]{43}$/);
    assert.ok(test.reports.every((line) => !line.includes(search)));
  });
});

Deno.test("a request for another host is not for this node", async () => {
  await withStillNode(async ({ fetch }) => {
    const headers = { host: "evil.example" };
    await expectProblem(fetch, "/api/v1/whoami", { headers, code: "misdirected_host" });
    await expectProblem(fetch, "/health", { headers, token: null, code: "misdirected_host" });
  });
});
