import assert from "node:assert/strict";
import { dag, type Site, withoutColours, withSite } from "./site_fixture.ts";

const FIRST = {
  dag_id: "proj-abc-release",
  tasks: [
    { id: "build", type: "shell", command: "npm ci\nnpm run build" },
    { id: "old", type: "noop" },
    { id: "deploy", type: "shell", depends_on: ["build"], command: "./deploy.sh" },
  ],
};
const SECOND = {
  ...FIRST,
  schedule: { cron: "0 3 * * *", timezone: "UTC" },
  tasks: [
    { id: "build", type: "shell", command: "npm ci\nrm -rf dist\nnpm run build" },
    { ...FIRST.tasks[2], secrets: ["DEPLOY_KEY"] },
    {
      id: "notify",
      type: "http",
      depends_on: ["deploy"],
      request: { method: "POST", url: "https://example.org/hook" },
    },
  ],
};

async function twoVersions(site: Site): Promise<string> {
  const cookie = await site.signIn(["approver"]);
  const { dag_id, spec_hash } = await site.publish(FIRST);
  await site.post(`/pending/${dag_id}/confirm`, { spec_hash }, { cookie });
  await site.publish(SECOND);
  return await (await site.get("/pending", cookie)).text();
}

Deno.test("a version is compared with the one that was confirmed, line by line", async () => {
  await withSite(async (site) => {
    const html = await twoVersions(site);
    assert.ok(html.includes("Changes since version 1, the last confirmed one"));
    assert.match(html, /class="diff-added">.{0,150}rm -rf dist\n/s);
    assert.match(html, /class="diff-added">.{0,150}cron: 0 3 \* \* \*\n/s);
    assert.match(html, /<code>old<\/code> <span class="tag tag-removed">removed/);
    assert.match(html, /<code>notify<\/code> <span class="tag tag-added">added/);
    assert.match(html, /class="diff-gap">… \d+ lines as before/);
  });
});

Deno.test("permissions and secrets that are new are told apart", async () => {
  await withSite(async (site) => {
    const html = await twoVersions(site);
    assert.match(html, /right-added">.{0,80}new<\/span> May reach: <code>example\.org:443</s);
    assert.match(html, /right-added">.{0,80}new<\/span> Secrets: <code>DEPLOY_KEY</s);
  });
});

Deno.test("places that need a second look are marked with their reason, and told at the top", async () => {
  await withSite(async (site) => {
    const html = await twoVersions(site);
    assert.match(html, /1 place to look at twice/);
    const plain = withoutColours(html);
    assert.notEqual(plain, html, "code has colours");
    assert.match(plain, /<mark +class="risky" title="Deletes without asking">rm -rf dist<\/mark>/);
    assert.match(html, /href="#task-proj-abc-release-build"/);
    assert.match(html, /id="task-proj-abc-release-build"/);
  });
});

Deno.test("the graph is a picture whose boxes lead to their tasks", async () => {
  await withSite(async (site) => {
    const html = await twoVersions(site);
    assert.match(html, /<svg[^>]*role="group" aria-label="Graph of 3 tasks"/);
    assert.match(
      html,
      /<a href="#task-proj-abc-release-deploy"[^>]*><title>deploy, shell, after build</,
    );
    assert.ok(!/ style=/.test(html));
  });
});

Deno.test("a first version says that all of it is new, and a harmless one has no marks", async () => {
  await withSite(async (site) => {
    await site.publish(dag("hello"));
    const html = await (await site.get("/pending", await site.signIn(["approver"]))).text();
    assert.ok(html.includes("No version was confirmed before: all of it is new."));
    assert.ok(!html.includes('class="risky"') && !html.includes("<svg width"));
    assert.ok(html.includes("<title>(1) Waiting for confirmation · CIS</title>"));
  });
});

Deno.test("names and commands that are markup stay text in graph, marks and differences", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["approver"]);
    const evil = "rm -rf '<img src=x onerror=alert(1)>'";
    const spec = (command: string): Record<string, unknown> => ({
      dag_id: "evil",
      description: evil,
      tasks: [{ id: "a", type: "shell", command }, { id: "b", type: "noop", depends_on: ["a"] }],
    });
    const { spec_hash } = await site.publish(spec("echo '<b>'"));
    await site.post("/pending/evil/confirm", { spec_hash }, { cookie });
    await site.publish(spec(`echo '<b>'\n${evil} \u202e`));
    const html = await (await site.get("/pending", cookie)).text();
    assert.ok(!html.includes("<img") && !html.includes("<b>") && !html.includes("\u202e"));
    assert.match(withoutColours(html), /class="risky"[^>]*>rm -rf '&lt;img/);
  });
});
