import assert from "node:assert/strict";
import { cookieOf, ORIGIN, withSite } from "./site_fixture.ts";

Deno.test("who isn't signed in is led to the form and back to where they wanted to go", async () => {
  await withSite(async (site) => {
    const page = await site.get("/runs?status=failed");
    assert.equal(page.status, 303);
    assert.equal(page.headers.get("location"), "/sign-in?next=%2Fruns%3Fstatus%3Dfailed");
    assert.equal((await site.get("/")).headers.get("location"), "/sign-in");
    assert.equal((await site.get("/no/such/page")).status, 303);
    const token = await site.token(["viewer"]);
    const response = await site.post("/sign-in?next=%2Fruns%3Fstatus%3Dfailed", { token });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get("location"), "/runs?status=failed");
    assert.equal((await site.get("/runs", cookieOf(response))).status, 200);
  });
});

Deno.test("a token signs in with a cookie that scripts and other sites don't get", async () => {
  await withSite(async (site) => {
    const token = await site.token(["viewer"]);
    const response = await site.post("/sign-in", { token: `  ${token}\n` });
    assert.equal(response.headers.get("location"), "/");
    const cookie = response.headers.get("set-cookie") ?? "";
    assert.match(cookie, /^cis_session=[A-Za-z0-9_-]{43};/);
    for (const part of ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"]) {
      assert.ok(cookie.split("; ").includes(part), `${part} in ${cookie}`);
    }
    assert.ok(!cookie.includes("Secure"), "a cookie for plain http");
  });
});

Deno.test("behind https the cookie is for https alone", async () => {
  await withSite(async (site) => {
    const response = await site.post("/sign-in", { token: await site.token(["viewer"]) });
    assert.match(response.headers.get("set-cookie") ?? "", /; Secure$/);
  }, { public_url: "https://cis.example" });
});

Deno.test("a wrong token is refused and not shown again", async () => {
  await withSite(async (site) => {
    const response = await site.post("/sign-in", { token: "did:cis:n1:wrong-secret" });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("set-cookie"), null);
    const html = await response.text();
    assert.match(html, /This token does not sign in/);
    assert.ok(!html.includes("wrong-secret"));
  });
});

Deno.test("a sign-in link works once", async () => {
  await withSite(async (site) => {
    await site.token(["viewer"]);
    const [token] = site.node.tokens.list();
    const ticket = site.node.sessions.createLink(token?.token_id ?? "");
    const path = `/sign-in?ticket=${ticket}`;
    const preview = await site.get(path, undefined, { method: "HEAD" });
    assert.equal(preview.headers.get("set-cookie"), null);
    const first = await site.get(path);
    assert.equal(first.status, 200);
    assert.match(await first.text(), /http-equiv="refresh" content="0; url=\/"/);
    assert.equal((await site.get("/", cookieOf(first))).status, 200);

    const again = await site.get(`/sign-in?ticket=${ticket}`);
    assert.equal(again.status, 410);
    assert.equal(again.headers.get("set-cookie"), null);
    assert.match(await again.text(), /no longer works.*deno task token link/s);
  });
});

Deno.test("signing out ends the session itself, not only the cookie", async () => {
  await withSite(async (site) => {
    const cookie = await site.signIn(["viewer"]);
    const response = await site.post("/sign-out", {}, { cookie });
    assert.equal(response.status, 303);
    assert.match(response.headers.get("set-cookie") ?? "", /^cis_session=;.*Max-Age=0/);
    assert.equal((await site.get("/", cookie)).status, 303);
  });
});

Deno.test("after signing in nobody is sent to another site", async () => {
  await withSite(async (site) => {
    const token = await site.token(["viewer"]);
    for (
      const next of [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
      ]
    ) {
      const response = await site.post(`/sign-in?next=${encodeURIComponent(next)}`, { token });
      const target = new URL(response.headers.get("location") ?? "", "http://127.0.0.1:6767");
      assert.equal(target.host, "127.0.0.1:6767", next);
    }
  });
});

Deno.test("forms of other sites are refused, with and without a session", async () => {
  await withSite(async (site) => {
    const token = await site.token(["admin"]);
    const cookie = await site.signIn(["admin"]);
    const foreign: Record<string, string>[] = [{ origin: "https://evil.example" }, {
      origin: "null",
    }, {}];
    for (const headers of foreign) {
      const signIn = await site.post("/sign-in", { token }, { headers });
      assert.equal(signIn.status, 403);
      assert.equal(signIn.headers.get("set-cookie"), null);
      const out = await site.post("/sign-out", {}, { cookie, headers });
      assert.equal(out.status, 403);
    }
    assert.equal((await site.get("/", cookie)).status, 200);
  });
});

Deno.test("a visit from a link in another site gets a page that leads on with the cookie", async () => {
  await withSite(async (site) => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    const path = "/pending?a=%22%3E%3Cscript%3E&b=1";
    const response = await site.get(path, undefined, { headers });
    assert.equal(response.status, 200);
    const html = await response.text();
    assert.match(html, /url=\/pending\?a=%22%3E%3Cscript%3E&amp;b=1"/);
    assert.ok(!html.includes("<script"));
  });
});

Deno.test("only a small form is read, of the kind that the page sends", async () => {
  await withSite(async (site) => {
    const token = await site.token(["viewer"]);
    const large = await site.post("/sign-in", { token, more: "x".repeat(70_000) });
    assert.equal(large.status, 413);
    assert.match(await large.text(), /The body is too large/);
    const headers = { origin: ORIGIN, "content-type": "text/plain" };
    assert.equal((await site.post("/sign-in", { token }, { headers })).status, 415);
  });
});
