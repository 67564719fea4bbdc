/** Decisions about tasks, debts and the cancel of a task on the pages, as without JavaScript. */
import assert from "node:assert/strict";
import { type Site, withSite } from "./site_fixture.ts";

/** Starts a run of these tasks. @returns its id */
async function startRun(site: Site, tasks: readonly object[]): Promise<string> {
  const { spec_hash } = await site.publish({ dag_id: "hello", tasks });
  const cookie = await site.signIn(["approver"]);
  const response = await site.post("/pending/hello/confirm", { spec_hash }, { cookie });
  return (response.headers.get("location") ?? "").split("/").at(-1) ?? "";
}

const GATE = { id: "gate", name: "Go live", type: "approval" };

Deno.test("what is asked is on its page and on the run's, and can be answered there with a reason", async () => {
  await withSite(async (site) => {
    const run = await startRun(site, [GATE]);
    const [decision] = site.node.decisions.ofRun(run);
    assert.ok(decision);
    const cookie = await site.signIn(["approver"]);
    const action = `action="/decisions/${decision.decision_id}/answer"`;
    for (const path of ["/decisions", `/runs/${run}`]) {
      const html = await (await site.get(path, cookie)).text();
      assert.ok(html.includes("Go on past Go live (gate)?"), path);
      assert.ok(html.includes(action), path);
      const end = new Date(decision.expires_at).toISOString();
      assert.match(html, new RegExp(`Closes</dt><dd><time [^>]*title="${end}">in \\d`), path);
    }
    const page = await (await site.get("/decisions", cookie)).text();
    assert.ok(!page.includes('http-equiv="refresh"'), "it holds still under its reader");
    const fields = { answer: "approve", reason: "<b>checked</b>" };
    const path = `/decisions/${decision.decision_id}/answer`;
    const response = await site.post(path, fields, { cookie });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), `/runs/${run}`);
    const html = await (await site.get(`/runs/${run}`, cookie)).text();
    assert.match(html, /class="span-person"><rect[^>]*><title>waiting for a person: /);
    assert.match(html, /gate waited .* was up to a person for /);
    assert.match(html, /Decided by<\/dt><dd>approver</);
    assert.ok(html.includes("&lt;b>checked&lt;/b>"), "the reason, escaped");
    assert.equal(site.node.runs.load(run)?.status, "completed");
    // Once more is a notice, and what was written is not lost.
    const late = await site.post(path, { answer: "reject", reason: "" }, { cookie });
    assert.equal(late.status, 409);
    assert.match(await late.text(), /data-code="already_decided"/);
  });
});

Deno.test("what a task would do stands above the answer, here and on its own page", async () => {
  await withSite(async (site) => {
    const command = "rm -rf dist";
    const run = await startRun(site, [
      { id: "clean", type: "shell", command, level: { type: "confirmed" } },
    ]);
    const cookie = await site.signIn(["approver"]);
    const inOrder = (html: string, parts: readonly string[]): void => {
      const places = parts.map((part) => html.indexOf(part));
      assert.ok(places.every((place) => place > 0), `${places}`);
      assert.deepEqual(places, places.toSorted((a, b) => a - b));
    };
    const list = await (await site.get("/decisions", cookie)).text();
    inOrder(list, [
      "Run the shell task clean?",
      `href="/runs/${run}/tasks/clean"`,
      "What it would do",
      'aria-label="Command of clean"',
      'title="Deletes without asking"',
      'value="approve"',
    ]);
    const page = await (await site.get(`/runs/${run}/tasks/clean`, cookie)).text();
    inOrder(page, [
      "Waits for: a decision",
      'id="what"',
      'aria-label="Command of clean"',
      "needs a yes",
      'id="open-decisions"',
      'value="approve"',
      'id="attempts"',
      'id="output"',
    ]);
    assert.ok(page.includes("It has written nothing yet."));
    assert.equal(page.split("Depends on").length, 2, "said once");
    const headers = { "accept-language": "zh" };
    const chinese = await (await site.get("/decisions", cookie, { headers })).text();
    assert.ok(chinese.includes("运行 shell 任务 clean？") && !chinese.includes("Run the shell"));
  });
});

Deno.test("who may not decide sees the question and no form, and can't send one", async () => {
  await withSite(async (site) => {
    const run = await startRun(site, [GATE]);
    const [decision] = site.node.decisions.ofRun(run);
    assert.ok(decision);
    const cookie = await site.signIn(["viewer"]);
    const html = await (await site.get("/decisions", cookie)).text();
    assert.ok(html.includes("Go on past Go live (gate)?"));
    assert.ok(!html.includes("/answer"));
    const path = `/decisions/${decision.decision_id}/answer`;
    assert.equal((await site.post(path, { answer: "approve" }, { cookie })).status, 403);
    const other = await site.signIn(["approver"], ["project:other"]);
    assert.match(await (await site.get("/decisions", other)).text(), /No task waits for you/);
    assert.equal((await site.post(path, { answer: "approve" }, { cookie: other })).status, 403);
    assert.equal(site.node.decisions.load(decision.decision_id)?.status, "open");
  });
});

Deno.test("an answer that is none is a no", async () => {
  await withSite(async (site) => {
    const run = await startRun(site, [GATE]);
    const [decision] = site.node.decisions.ofRun(run);
    const cookie = await site.signIn(["approver"]);
    await site.post(`/decisions/${decision?.decision_id}/answer`, { reason: "x" }, { cookie });
    assert.equal(site.node.runs.load(run)?.status, "failed");
  });
});

Deno.test("a vote is shown with who voted, and only stakeholders have one", async () => {
  await withSite(async (site) => {
    const level = { type: "arbitrated", stakeholders: ["approver", "bob"], threshold: 2 };
    const run = await startRun(site, [{ ...GATE, level }]);
    const [decision] = site.node.decisions.ofRun(run);
    const path = `/decisions/${decision?.decision_id}/answer`;
    const admin = await site.signIn(["admin"]);
    const refused = await site.post(path, { answer: "approve" }, { cookie: admin });
    assert.match(await refused.text(), /data-code="not_a_stakeholder"/);
    const cookie = await site.signIn(["approver"]);
    await site.post(path, { answer: "approve", reason: "fine" }, { cookie });
    const html = await (await site.get(`/runs/${run}`, cookie)).text();
    assert.match(html, /approver: approve: fine/);
    assert.match(html, /bob: no vote yet/);
  });
});

Deno.test("one task can be cancelled on the run's page, by approvers only", async () => {
  await withSite(async (site) => {
    const run = await startRun(site, [GATE, { id: "other", type: "approval" }]);
    const path = `/runs/${run}/tasks/gate/cancel`;
    const viewer = await site.signIn(["viewer"]);
    assert.ok(!(await (await site.get(`/runs/${run}`, viewer)).text()).includes(path));
    assert.equal((await site.post(path, {}, { cookie: viewer })).status, 403);
    const cookie = await site.signIn(["approver"]);
    assert.ok((await (await site.get(`/runs/${run}`, cookie)).text()).includes(`action="${path}"`));
    assert.equal((await site.post(path, {}, { cookie })).status, 303);
    assert.equal(site.node.runs.tasks(run)[0]?.status, "cancelled");
    assert.ok(
      !(await (await site.get(`/runs/${run}`, cookie)).text()).includes(`action="${path}"`),
    );
  });
});
