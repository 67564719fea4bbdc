import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { type App, staticFiles } from "fresh";
import { join } from "node:path";
import { withProject } from "./project.ts";

const FILES = {
  "static/styles.css": "body { color: red }",
  "static/deep/ä b.txt": "text",
  "static/noextension": "?",
  "secret.txt": "secret",
  "routes/index.tsx": `
    import { asset } from "fresh/runtime";
    export default () => <p><img src="/logo.svg"/><a href={asset("/styles.css")}>css</a></p>;`,
};

function setUp(app: App<unknown>): void {
  app.use(staticFiles()).fsRoutes();
}

Deno.test("static files are served with type, length and ETag", async () => {
  await withProject(FILES, async ({ ask }) => {
    const css = await ask("/styles.css");
    deepEqual(
      ["content-type", "content-length", "cache-control"].map((name) => css.headers.get(name)),
      ["text/css; charset=utf-8", "19", "no-cache"],
    );
    equal(await css.text(), "body { color: red }");
    equal(await (await ask("/deep/%C3%A4%20b.txt")).text(), "text");
    const plain = await ask("/noextension");
    equal(plain.headers.get("content-type"), "application/octet-stream");
    await plain.body?.cancel();
    const head = await ask("/styles.css", { method: "HEAD" });
    deepEqual([await head.text(), head.headers.get("content-length")], ["", "19"]);
  }, { setUp });
});

Deno.test("a file the client has is 304 until it changes", async () => {
  await withProject(FILES, async ({ ask, root }) => {
    const first = await ask("/styles.css");
    await first.body?.cancel();
    const etag = first.headers.get("etag") ?? "";
    match(etag, /^W\/".+"$/);
    for (const tag of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
      const again = await ask("/styles.css", { headers: { "if-none-match": tag } });
      deepEqual([again.status, await again.text(), again.headers.get("etag")], [304, "", etag]);
    }
    await Deno.writeTextFile(join(root, "static/styles.css"), "body { color: blue }");
    const changed = await ask("/styles.css", { headers: { "if-none-match": etag } });
    deepEqual([changed.status, await changed.text()], [200, "body { color: blue }"]);
    notEqual(changed.headers.get("etag"), etag);
  }, { setUp });
});

Deno.test("nothing outside the static folder is served", async () => {
  await withProject(FILES, async ({ ask }) => {
    for (
      const path of [
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/deep/..%5c..%5csecret.txt",
        "/%00",
        "/%ff",
      ]
    ) {
      equal((await ask(path)).status, 404, path);
    }
  }, { setUp });
});

Deno.test("static files answer GET and HEAD only; favicon.ico needs no page", async () => {
  await withProject(FILES, async ({ ask }) => {
    const refused = await ask("/styles.css", { method: "POST" });
    deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
    const icon = await ask("/favicon.ico");
    deepEqual([icon.status, await icon.text()], [404, ""]);
  }, { setUp });
});

Deno.test("asset() addresses are cached for ever, and outdated ones lead to the file", async () => {
  await withProject(FILES, async ({ ask, text }) => {
    const html = await text("/");
    const address = /href="([^"]+)"/.exec(html)?.[1] ?? "";
    match(address, /^\/styles\.css\?__frsh_c=[0-9a-f]{16}$/);
    match(html, /<img src="\/logo\.svg\?__frsh_c=[0-9a-f]{16}"/);
    const response = await ask(address);
    equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
    await response.body?.cancel();
    const old = await ask("/styles.css?__frsh_c=old&a=1");
    deepEqual([old.status, old.headers.get("location")], [307, "/styles.css?a=1"]);
  }, { setUp });
});

Deno.test("below a base path static files have it in their address", async () => {
  await withProject(FILES, async ({ ask, text }) => {
    equal(await text("/base/styles.css"), "body { color: red }");
    equal((await ask("/styles.css")).status, 404);
  }, { setUp, basePath: "/base" });
});

Deno.test("in development new files appear and nothing is cached", async () => {
  await withProject(FILES, async ({ ask, text, root }) => {
    equal((await ask("/new.txt")).status, 404);
    await Deno.writeTextFile(join(root, "static/new.txt"), "new");
    equal(await text("/new.txt"), "new");
    const response = await ask(/href="([^"]+)"/.exec(await text("/"))?.[1] ?? "");
    equal(response.headers.get("cache-control"), "no-cache");
    await response.body?.cancel();
  }, { setUp, mode: "development" });
});
