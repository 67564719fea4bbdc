/** How much waits: in the icon, the title and the navigation of every page, without JavaScript. */
import assert from "node:assert/strict";
import { eventually } from "../../helpers/eventually.ts";
import { dag, type Site, withSite } from "./site_fixture.ts";

/** What a page says about how much waits. */
async function said(site: Site, path: string, cookie: string): Promise<string[]> {
  const html = await (await site.get(path, cookie)).text();
  const found = [/<title>(.*?) /, /<link rel="icon" href="([^"]*)"/].map((pattern) =>
    pattern.exec(html)?.[1] ?? "none"
  );
  assert.equal(html.match(/rel="icon"/g)?.length, 1);
  return [...found, ...html.matchAll(/class="count">(\d+)</g).map(([, count]) => count ?? "")];
}

Deno.test("icon, title and navigation of every page say how much waits", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["admin"]);
    assert.deepEqual(await said(site, "/runs", cookie), ["Runs", "/favicon/0"]);
    await site.publish(dag("one"));
    await site.publish(dag("two"));
    const { spec_hash } = await site.publish({
      dag_id: "asks",
      tasks: [{ id: "gate", type: "approval" }],
    });
    await site.post("/pending/asks/confirm", { spec_hash }, { cookie });
    for (const path of ["/runs", "/", "/pending", "/decisions", "/settings", "/no/such"]) {
      assert.deepEqual(await said(site, path, cookie), ["(3)", "/favicon/3", "2", "1"], path);
    }
    const answer = await site.get("/waiting", cookie);
    assert.deepEqual(await answer.json(), { confirmations: 2, decisions: 1 });
    assert.equal(answer.headers.get("cache-control"), "no-store");
  });
});

Deno.test("nobody is told of what waits in other scopes, or without signing in", async () => {
  await withSite(async (site) => {
    await site.publish({ ...dag("theirs"), scope: { type: "project", project_id: "abc" } });
    await site.publish({ ...dag("ours"), scope: { type: "project", project_id: "own" } });
    const own = await site.signIn(["approver"], ["project:own"]);
    assert.deepEqual(await said(site, "/runs", own), ["(1)", "/favicon/1", "1"]);
    const machine = await site.signIn(["node"]);
    assert.deepEqual(await (await site.get("/waiting", machine)).json(), {
      confirmations: 0,
      decisions: 0,
    });
    const stranger = await site.get("/waiting");
    assert.equal(stranger.status, 303);
    const signIn = await (await site.get("/sign-in")).text();
    assert.match(signIn, /<link rel="icon" href="\/favicon\/0"/);
  });
});

Deno.test("what has expired waits no longer", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    await site.publish(dag("late"));
    assert.deepEqual(await said(site, "/runs", cookie), ["(1)", "/favicon/1", "1"]);
    const now = await eventually(async () => {
      const seen = await said(site, "/runs", cookie);
      return seen[0] === "Runs" && seen;
    }, "it expires");
    assert.deepEqual(now, ["Runs", "/favicon/0"]);
  }, { confirm_expire_sec: 1 });
});

Deno.test("the icon is a picture of a number, and of nothing else that is asked for", async () => {
  await withSite(async (site) => {
    for (const [count, text] of [["0", undefined], ["3", "3"], ["9", "9"], ["10", "9+"]]) {
      const answer = await site.get(`/favicon/${count}`);
      assert.equal(answer.headers.get("content-type"), "image/svg+xml");
      const svg = await answer.text();
      assert.equal(/<text[^>]*>([^<]*)</.exec(svg)?.[1], text, count);
    }
    for (const count of ["-1", "1.5", "1e3", "%3Cscript%3E", "1234567", ""]) {
      const answer = await site.get(`/favicon/${count}`);
      assert.notEqual(answer.status, 200, count);
      await answer.body?.cancel();
    }
  });
});
