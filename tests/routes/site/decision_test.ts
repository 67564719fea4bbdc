import assert from "node:assert/strict";
import { dag, withoutColours, withSite } from "./site_fixture.ts";

Deno.test("a version that waits is shown in full, with its hash in both forms", async () => {
  await withSite(async (site) => {
    const command = "set -e\n" + "echo a line that must not be cut;\n".repeat(60) + "echo last";
    const { spec_hash } = await site.publish({
      dag_id: "proj-abc-all",
      description: "What it is for",
      env: { STAGE: "test" },
      tasks: [
        {
          id: "shell",
          type: "shell",
          command,
          env: { GREETING: "hi there" },
          cwd: "sub/dir",
          timeout: "5m",
          retry: { max_attempts: 3, delay: "5s" },
          rollback: ["make clean"],
        },
        { id: "script", type: "deno", script: "export default () => 42;", depends_on: ["shell"] },
        {
          id: "ask",
          type: "http",
          request: {
            method: "POST",
            url: "https://example.org/x",
            headers: { a: "b" },
            body: { c: 1 },
          },
        },
      ],
    });
    const response = await site.get("/pending", await site.signIn(["approver"]));
    assert.equal(response.status, 200);
    const html = await response.text();
    const expected = [
      'id="proj-abc-all"',
      "What it is for",
      command,
      "export default () => 42;",
      "POST https://example.org/x",
      "GREETING=hi there",
      "STAGE=test",
      "sub/dir",
      "5m",
      "up to 3; waits 5s",
      "make clean",
      "project:abc",
      "The prefix of the DAG id means the scope project:abc.",
      "worker-project-abc",
      "expires in 4 min 59 s",
      `title="${spec_hash}">${spec_hash.slice(0, 12)}<`,
      `<input type="hidden" name="spec_hash" value="${spec_hash}"`,
    ];
    const shown = withoutColours(html).replaceAll("expires in 5 min", "expires in 4 min 59 s");
    for (const text of expected) assert.ok(shown.includes(text), `the page has ${text}`);
    assert.ok(!html.includes('http-equiv="refresh"'), "the page holds still under its reader");
  });
});

Deno.test("confirming what is on screen leads to its run", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const response = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
    assert.equal(response.status, 303);
    const location = response.headers.get("location") ?? "";
    assert.match(location, /^\/runs\/dag-run-[0-9a-f-]{36}$/);
    const run = await site.get(location, cookie);
    assert.equal(run.status, 200);
    const html = await run.text();
    assert.match(html, /<title>Run of hello · CIS<\/title>/);
    assert.match(html, /Confirmed by<\/dt><dd>approver</);
    assert.match(html, new RegExp(spec_hash));
  });
});

Deno.test("content that was swapped meanwhile is shown, not confirmed", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["approver"]);
    const seen = await site.publish(dag("hello", "echo harmless"));
    const swapped = await site.publish(dag("hello", "rm -rf everything"));
    const form = { spec_hash: seen.spec_hash };
    const response = await site.post("/pending/hello/confirm", form, { cookie });
    assert.equal(response.status, 409);
    const html = await response.text();
    assert.match(html, /The content changed before you decided/);
    assert.match(html, /rm -rf everything/);
    assert.ok(!html.includes("echo harmless"));
    assert.ok(html.includes(`name="spec_hash" value="${swapped.spec_hash}"`));
    assert.equal(site.node.runs.list({ limit: 10 }).length, 0);
    assert.equal(site.node.specs.load("hello")?.status, "waiting_confirmation");
  });
});

Deno.test("a form without its hash confirms nothing", async () => {
  await withSite(async (site) => {
    await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const response = await site.post("/pending/hello/confirm", {}, { cookie });
    assert.equal(response.status, 409);
    assert.equal(site.node.runs.list({ limit: 10 }).length, 0);
  });
});

Deno.test("a decision that comes too late is a notice", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const first = await site.post("/pending/hello/reject", { spec_hash, reason: "no" }, { cookie });
    assert.equal(first.status, 303);
    const response = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
    assert.equal(response.status, 409);
    assert.match(await response.text(), /It has been decided.*is rejected.*Nothing waits for you/s);
  });
});

Deno.test("the reason of a rejection is for its publisher to read", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const reason = "Use <b>staging</b>,\nnot production";
    const response = await site.post("/pending/hello/reject", { spec_hash, reason }, { cookie });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/dags/hello");
    const html = await (await site.get("/dags/hello", await site.signIn(["publisher"]))).text();
    assert.ok(html.includes("Use &lt;b>staging&lt;/b>,\nnot production"), "the reason, escaped");
  });
});

Deno.test("a rejection without a reason comes back with the form", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const form = { spec_hash, reason: "   " };
    const response = await site.post("/pending/hello/reject", form, { cookie });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /reason.*action="\/pending\/hello\/reject"/s);
    assert.equal(site.node.specs.load("hello")?.status, "waiting_confirmation");
  });
});

Deno.test("who may not decide sees no buttons and can't send the forms", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    for (const role of ["viewer", "publisher"] as const) {
      const cookie = await site.signIn([role]);
      const html = await (await site.get("/pending", cookie)).text();
      assert.match(html, /echo hello/);
      assert.ok(!html.includes("Confirm and run"));
      assert.ok(!html.includes("/pending/hello/"));
      const confirm = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
      assert.equal(confirm.status, 403);
      assert.match(confirm.headers.get("content-type") ?? "", /^text\/html/);
      const form = { spec_hash, reason: "no" };
      assert.equal((await site.post("/pending/hello/reject", form, { cookie })).status, 403);
    }
    assert.equal(site.node.specs.load("hello")?.status, "waiting_confirmation");
    assert.match(
      await (await site.get("/pending", await site.signIn(["admin"]))).text(),
      /Confirm and run/,
    );
  });
});

Deno.test("a token for one scope sees and decides nothing of another", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("proj-abc-x"));
    const cookie = await site.signIn(["approver"], ["project:other"]);
    assert.match(await (await site.get("/pending", cookie)).text(), /Nothing waits for you/);
    const form = { spec_hash };
    const response = await site.post("/pending/proj-abc-x/confirm", form, { cookie });
    assert.ok([403, 404].includes(response.status), `status ${response.status}`);
    assert.equal(site.node.specs.load("proj-abc-x")?.status, "waiting_confirmation");
  });
});

Deno.test("a form of another site decides nothing", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["admin"]);
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "http://127.0.0.1:6768" },
      { origin: "null" },
      {},
    ];
    for (const headers of foreign) {
      const options = { cookie, headers };
      const response = await site.post("/pending/hello/confirm", { spec_hash }, options);
      assert.equal(response.status, 403);
    }
    assert.equal(site.node.specs.load("hello")?.status, "waiting_confirmation");
  });
});

Deno.test("a run is paused and resumed by approvers, and by nobody else", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const viewer = await site.signIn(["viewer"]);
    const confirmed = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
    const path = confirmed.headers.get("location") ?? "";
    const status = (): string | undefined =>
      site.node.runs.load(path.replace("/runs/", ""))?.status;
    const steps = [["pause", "resume", "paused"], ["resume", "pause", "running"]] as const;
    for (const [action, opposite, result] of steps) {
      const html = await (await site.get(path, cookie)).text();
      assert.match(html, new RegExp(`<form method="post" action="${path}/${action}">`));
      assert.ok(!html.includes(`${path}/${opposite}`), `${opposite} is no use yet`);
      const before = status();
      assert.ok(!(await (await site.get(path, viewer)).text()).includes(`${path}/${action}`));
      assert.equal((await site.post(`${path}/${action}`, {}, { cookie: viewer })).status, 403);
      const headers = { origin: "http://evil.example" };
      assert.equal((await site.post(`${path}/${action}`, {}, { cookie, headers })).status, 403);
      assert.equal(status(), before);
      const done = await site.post(`${path}/${action}`, {}, { cookie });
      assert.deepEqual([done.status, done.headers.get("location")], [303, path]);
      assert.equal(status(), result);
      const visited = await site.get(`${path}/${action}`, cookie);
      assert.deepEqual([visited.status, visited.headers.get("location")], [303, path]);
      assert.equal(status(), result, "a link changes nothing");
    }
    await site.post(`${path}/cancel`, {}, { cookie });
    const ended = await (await site.get(path, cookie)).text();
    assert.ok(!ended.includes(`${path}/pause`) && !ended.includes(`${path}/resume`));
    assert.equal((await site.post(`${path}/pause`, {}, { cookie })).status, 409);
    const [row] = site.node.audit.list({ action: "run.pause", before: 1e9, limit: 1 });
    assert.deepEqual([row?.outcome, row?.token_name], ["run_finished", "approver"]);
  });
});

Deno.test("a run can be cancelled and retried by approvers, and by nobody else", async () => {
  await withSite(async (site) => {
    const { spec_hash } = await site.publish(dag("hello"));
    const cookie = await site.signIn(["approver"]);
    const viewer = await site.signIn(["viewer"]);
    const confirmed = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
    const path = confirmed.headers.get("location") ?? "";
    assert.ok(!(await (await site.get(path, viewer)).text()).includes(`${path}/cancel`));
    assert.equal((await site.post(`${path}/cancel`, {}, { cookie: viewer })).status, 403);
    assert.equal((await site.post(`${path}/cancel`, {}, { cookie })).status, 303);
    const html = await (await site.get(path, cookie)).text();
    assert.ok(html.includes(`action="${path}/retry"`));
    assert.ok(!html.includes('http-equiv="refresh"'), "what has ended holds still");
    const retried = await site.post(`${path}/retry`, {}, { cookie });
    assert.equal(retried.status, 303);
    assert.notEqual(retried.headers.get("location"), path);
    const again = await site.post("/dags/hello/run", {}, { cookie });
    assert.match(again.headers.get("location") ?? "", /^\/runs\/dag-run-/);
  });
});
