import assert from "node:assert/strict";
import { withSite } from "./site_fixture.ts";

const VALUE = "s3cret-value-of-a-test";

Deno.test("settings are for admins, in what is shown and in what is allowed", async () => {
  await withSite(async (site) => {
    const viewer = await site.signIn(["viewer", "publisher", "approver"]);
    assert.ok(!(await (await site.get("/", viewer)).text()).includes('href="/settings"'));
    for (const path of ["", "/tokens", "/secrets", "/audit"]) {
      assert.equal((await site.get(`/settings${path}`, viewer)).status, 403, path);
    }
    const fields = { name: "X_KEY", value: VALUE };
    assert.equal((await site.post("/settings/secrets", fields, { cookie: viewer })).status, 403);
    const token = { name: "x", role: "admin" };
    assert.equal((await site.post("/settings/tokens", token, { cookie: viewer })).status, 403);
    const admin = await site.signIn(["admin"]);
    const html = await (await site.get("/settings", admin)).text();
    assert.match(html, /Settings file.*none, only what is built in.*In force for each scope/s);
  });
});

Deno.test("a secret is set and removed, and its value is on no page", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["admin"]);
    assert.match(await (await site.get("/settings/secrets", cookie)).text(), /No secret is set/);
    const set = await site.post("/settings/secrets", {
      name: "API_KEY",
      scope: "project:abc",
      value: `${VALUE}\r\nsecond line`,
    }, { cookie });
    assert.equal(set.headers.get("location"), "/settings/secrets");
    const kept = JSON.stringify(site.node.secrets.valuesFor("project:abc", () => true));
    assert.ok(kept.includes(`${VALUE}\\nsecond line`), "with the ends of lines of a file");
    const html = await (await site.get("/settings/secrets", cookie)).text();
    assert.ok(html.includes("<code>API_KEY</code>") && html.includes("project:abc"));
    assert.ok(!html.includes(VALUE));
    const gone = await site.post("/settings/secrets/API_KEY/remove", { scope: "project:abc" }, {
      cookie,
    });
    assert.equal(gone.status, 303);
    assert.deepEqual(site.node.secrets.list(), []);
  });
});

Deno.test("a secret that can't be set keeps its name in the form, and never its value", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["admin"]);
    const short = { name: "API_KEY", scope: "", value: "tiny-77" };
    const response = await site.post("/settings/secrets", short, { cookie });
    assert.equal(response.status, 400);
    const html = await response.text();
    assert.match(html, /The secret was not set.*at least 8 characters/s);
    assert.match(html, /name="name"[^>]*value="API_KEY"/);
    assert.ok(!html.includes("tiny-77"));
    const scope = { name: "API_KEY", scope: '"><script>', value: VALUE };
    const bad = await (await site.post("/settings/secrets", scope, { cookie })).text();
    assert.ok(
      bad.includes("is not a scope") && !bad.includes('"><script>') && !bad.includes(VALUE),
    );
  });
});

Deno.test("a new token is shown once, works, and is ended", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["admin"]);
    const form = await (await site.get("/settings/tokens", cookie)).text();
    const attempt = /name="attempt" value="([^"]+)"/.exec(form)?.[1] ?? "";
    const fields = { name: "a <b>builder</b>", scopes: "project:abc, global", expires_in: "30d" };
    const body = { ...fields, role: "publisher", attempt };
    const made = await site.post("/settings/tokens", body, { cookie });
    assert.equal(made.status, 200);
    assert.equal(made.headers.get("cache-control"), "no-store");
    const html = await made.text();
    const token = /value="(did:cis:n1:[^"]+)"/.exec(html)?.[1] ?? "";
    assert.ok(html.includes("a &lt;b>builder&lt;/b>") && !html.includes("<b>builder"));
    const principal = site.node.tokens.verify(token);
    assert.deepEqual(principal?.roles, ["publisher"]);
    assert.deepEqual(principal?.scopes, ["project:abc", "global"]);

    const again = await site.post("/settings/tokens", body, { cookie });
    assert.equal(again.status, 409, "a form that is sent twice makes one token");
    assert.ok(!(await again.text()).includes(token));

    const list = await (await site.get("/settings/tokens", cookie)).text();
    assert.ok(!list.includes(token));
    const revoke = `/settings/tokens/${principal?.tokenId}/revoke`;
    assert.ok(list.includes(`action="${revoke}"`));
    assert.equal((await site.post(revoke, {}, { cookie })).status, 303);
    assert.equal(site.node.tokens.verify(token), undefined);
    assert.match(await (await site.get("/settings/tokens", cookie)).text(), /revoked/);
  });
});

Deno.test("a token that can't be made keeps what was entered", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["admin"]);
    const fields = { name: "x", role: "viewer", scopes: "nowhere", expires_in: "soon" };
    const response = await site.post("/settings/tokens", fields, { cookie });
    assert.equal(response.status, 400);
    const html = await response.text();
    assert.match(html, /No token was made/);
    assert.match(html, /name="scopes"[^>]*value="nowhere"/);
    const none = await site.post("/settings/tokens", { name: "x", role: "king" }, { cookie });
    assert.equal(none.status, 400);
  });
});

Deno.test("the audit page tells who did what, filters by it, and shows refusals", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["admin"]);
    await site.post("/settings/secrets", { name: "API_KEY", value: VALUE }, { cookie });
    await site.post("/pending/none/confirm", { spec_hash: "x" }, { cookie });
    const html = await (await site.get("/settings/audit", cookie)).text();
    assert.match(html, /secret\.set.*API_KEY.*done/s);
    assert.match(html, /dag\.confirm.*dag_not_found/s);
    assert.ok(!html.includes(VALUE));
    const one = await (await site.get("/settings/audit?action=secret.set", cookie)).text();
    assert.ok(one.includes("secret.set</a>") && !one.includes("dag.confirm</a>"));
    const none = await (await site.get("/settings/audit?target=nothing", cookie)).text();
    assert.match(none, /No entry is like that/);
  });
});
