import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { withProject } from "./project.ts";

/** A route that answers with its own name and the params it got. */
function named(name: string): string {
  return `export const handler = (ctx) => Response.json(["${name}", { ...ctx.params }]);`;
}

Deno.test("files are served at the paths their names say", async () => {
  const names = [
    "index",
    "about",
    "(site)/contact",
    "blog/index",
    "blog/[slug]",
    "blog/new",
    "old/[...path]",
    "docs/[[version]]/index",
    "files/[name].json",
    "files/[name]",
    "[...any]",
  ];
  const files = Object.fromEntries(names.map((name) => [`routes/${name}.ts`, named(name)]));
  await withProject(files, async ({ ask }) => {
    const found = async (path: string): Promise<unknown> => await (await ask(path)).json();
    deepEqual(await found("/"), ["index", {}]);
    deepEqual(await found("/about"), ["about", {}]);
    deepEqual(await found("/contact"), ["(site)/contact", {}]);
    deepEqual(await found("/blog"), ["blog/index", {}]);
    deepEqual(await found("/blog/new"), ["blog/new", {}]);
    deepEqual(await found("/blog/a%20b"), ["blog/[slug]", { slug: "a b" }]);
    deepEqual(await found("/old/a/b"), ["old/[...path]", { path: "a/b" }]);
    deepEqual(await found("/docs"), ["docs/[[version]]/index", { version: "" }]);
    deepEqual(await found("/docs/v2"), ["docs/[[version]]/index", { version: "v2" }]);
    deepEqual(await found("/files/x.json"), ["files/[name].json", { name: "x" }]);
    deepEqual(await found("/files/x"), ["files/[name]", { name: "x" }]);
    deepEqual(await found("/blog/a/b"), ["[...any]", { any: "blog/a/b" }]);
  });
});

Deno.test("middlewares of outer folders run first, arrays in order, groups apart", async () => {
  const note = (name: string): string =>
    `(ctx) => { ctx.state.trail = [...(ctx.state.trail ?? []), "${name}"]; return ctx.next(); }`;
  const trail = `export const handler = { GET: (ctx) => Response.json(ctx.state.trail) };`;
  await withProject({
    "routes/_middleware.ts": `export default [${note("root 1")}, ${note("root 2")}];`,
    "routes/api/_middleware.ts": `export default ${note("api")};`,
    "routes/api/[id]/_middleware.ts": `export const handler = ${note("id")};`,
    "routes/api/[id]/deep.ts": trail,
    "routes/api/index.ts": trail,
    "routes/api.v2.ts": trail,
    "routes/(site)/_middleware.ts": `export default ${note("site")};`,
    "routes/(site)/here.ts": trail,
    "routes/there.ts": trail,
  }, async ({ ask }) => {
    const trailOf = async (path: string): Promise<unknown> => await (await ask(path)).json();
    deepEqual(await trailOf("/api/7/deep"), ["root 1", "root 2", "api", "id"]);
    deepEqual(await trailOf("/api"), ["root 1", "root 2", "api"]);
    deepEqual(await trailOf("/api.v2"), ["root 1", "root 2"]);
    deepEqual(await trailOf("/here"), ["root 1", "root 2", "site"]);
    deepEqual(await trailOf("/there"), ["root 1", "root 2"]);
  });
});

const SHELL = {
  "routes/_app.tsx":
    `export default ({ Component }) => <html><head><title>app</title></head><body><Component/></body></html>;`,
  "routes/_layout.tsx": `export default ({ Component }) => <main><Component/></main>;`,
};

function bodyOf(html: string): string {
  return /<body>(.*)<\/body>/s.exec(html)?.[1] ?? html;
}

Deno.test("pages are drawn inside layouts and the app wrapper", async () => {
  await withProject({
    ...SHELL,
    "routes/index.tsx": `
      import { page } from "fresh";
      import { Head } from "fresh/runtime";
      export const handler = { GET: () => page({ n: 1 }, { status: 202, headers: { "x-a": "b" } }) };
      export default ({ data, url }) => <p><Head><title>page</title></Head>{data.n} {url.pathname}</p>;`,
    "routes/blog/_layout.tsx":
      `export default async ({ Component }) => { await 0; return <section><Component/></section>; };`,
    "routes/blog/post.tsx": `export default async () => { await 0; return <p>post</p>; };`,
    "routes/blog/alone.tsx":
      `export const config = { skipInheritedLayouts: true }; export default () => <p>alone</p>;`,
    "routes/raw.tsx": `export const config = { skipAppWrapper: true, skipInheritedLayouts: true };
      export default () => <html><body>raw</body></html>;`,
    "routes/answer.tsx": `export default async () => new Response("answer");`,
  }, async ({ ask, text }) => {
    const response = await ask("/");
    deepEqual([response.status, response.headers.get("x-a")], [202, "b"]);
    const html = await response.text();
    equal(bodyOf(html), "<main><p>1 /</p></main>");
    match(html, /<head><title>page<\/title><\/head>/);
    equal(bodyOf(await text("/blog/post")), "<main><section><p>post</p></section></main>");
    equal(bodyOf(await text("/blog/alone")), "<p>alone</p>");
    equal(await text("/raw"), "<!DOCTYPE html><html><body>raw</body></html>");
    equal(await text("/answer"), "answer");
  });
});

Deno.test("a page without islands sends no script", async () => {
  await withProject(
    { ...SHELL, "routes/index.tsx": `export default () => <p>still</p>;` },
    async (p) => {
      const response = await p.ask("/");
      equal(response.headers.get("link"), null);
      equal((await response.text()).includes("<script"), false);
    },
  );
});

Deno.test("_error draws every error with its status; unknown paths get there too", async () => {
  await withProject({
    ...SHELL,
    "routes/_error.tsx":
      `export default ({ error }) => <p>{error.status ?? 0} {error.message}</p>;`,
    "routes/api/_error.ts":
      `export const handler = (ctx) => Response.json({ code: ctx.error.message }, { status: 500 });`,
    "routes/api/broken.ts": `export const handler = { GET() { throw new Error("no"); } };`,
    "routes/forbidden.ts": `import { HttpError } from "fresh";
      export const handler = { GET() { throw new HttpError(403, "not you"); } };`,
    "routes/broken.tsx": `export default () => { throw new Error("while drawing"); };`,
  }, async ({ ask }) => {
    const seen = async (path: string, init?: RequestInit): Promise<unknown> => {
      const response = await ask(path, init);
      return [response.status, bodyOf(await response.text())];
    };
    deepEqual(await seen("/unknown"), [404, "<main><p>404 </p></main>"]);
    deepEqual(await seen("/forbidden"), [403, "<main><p>403 not you</p></main>"]);
    deepEqual(await seen("/broken"), [500, "<main><p>0 while drawing</p></main>"]);
    deepEqual(await seen("/api/broken"), [500, `{"code":"no"}`]);
    deepEqual(await seen("/forbidden", { method: "POST" }), [405, "<main><p>405 </p></main>"]);
  });
});

Deno.test("error pages of a group are inside the root's middlewares, _error at the root is not", async () => {
  const errorPage = `export default ({ error }) => <p>{error.status}</p>;`;
  const missing = `import { HttpError } from "fresh";
    export const handler = () => { throw new HttpError(404); };`;
  const files = {
    "routes/_error.tsx": errorPage,
    "routes/api/[...path].ts": missing,
    "routes/(site)/_error.tsx": errorPage,
    "routes/(site)/[...path].tsx": missing,
  };
  await withProject(files, async ({ ask }) => {
    const site = await ask("/unknown");
    deepEqual([site.status, site.headers.get("x-root")], [404, "1"]);
    const api = await ask("/api/unknown");
    deepEqual([api.status, api.headers.get("x-root")], [404, null]);
  }, {
    setUp: (app) =>
      app.use(async (ctx) => {
        const response = await ctx.next();
        response.headers.set("x-root", "1");
        return response;
      }).fsRoutes(),
  });
});

Deno.test("_404 draws what isn't there, _500 the rest", async () => {
  await withProject({
    "routes/_404.tsx": `export default () => <p>not here</p>;`,
    "routes/_500.tsx": `export default () => <p>broken</p>;`,
    "routes/broken.ts": `export const handler = { GET() { throw new Error("no"); } };`,
  }, async ({ ask }) => {
    const missing = await ask("/unknown");
    deepEqual([missing.status, bodyOf(await missing.text())], [404, "<p>not here</p>"]);
    const broken = await ask("/broken");
    deepEqual([broken.status, bodyOf(await broken.text())], [500, "<p>broken</p>"]);
  });
});

Deno.test("methods: handler objects, HEAD, 405 with Allow, a component means GET", async () => {
  await withProject({
    "routes/both.tsx": `import { page } from "fresh";
      export const handlers = { POST: () => page("posted") };
      export default ({ data }) => <p>{typeof data === "string" ? data : "got"}</p>;`,
    "routes/api.ts":
      `export const handler = { GET: () => Response.json(1), DELETE: () => new Response() };`,
  }, async ({ ask }) => {
    equal(bodyOf(await (await ask("/both")).text()), "<p>got</p>");
    equal(bodyOf(await (await ask("/both", { method: "POST" })).text()), "<p>posted</p>");
    const head = await ask("/api", { method: "HEAD" });
    deepEqual([head.status, await head.text()], [200, ""]);
    for (const [path, allow] of [["/api", "GET, DELETE, HEAD"], ["/both", "GET, POST, HEAD"]]) {
      const refused = await ask(path ?? "", { method: "PATCH" });
      deepEqual([refused.status, refused.headers.get("allow")], [405, allow]);
      const options = await ask(path ?? "", { method: "OPTIONS" });
      deepEqual([options.status, options.headers.get("allow")], [204, allow]);
    }
  });
});

Deno.test("routeOverride replaces the path, (_components) are no routes, tests neither", async () => {
  await withProject({
    "routes/here.ts": `export const config = { routeOverride: "/there/:id(\\\\d+)" };
      export const handler = (ctx) => new Response(ctx.params.id);`,
    "routes/(_components)/card.tsx": `export default () => <p>card</p>;`,
    "routes/x_test.ts": `throw new Error("never loaded");`,
  }, async ({ ask }) => {
    equal(await (await ask("/there/12")).text(), "12");
    for (const path of ["/there/x", "/here", "/card", "/x_test"]) {
      equal((await ask(path)).status, 404);
    }
  });
});

Deno.test("route files are loaded on their first request, and only once", async () => {
  await withProject({
    "routes/lazy.ts": `globalThis.lazyLoads = (globalThis.lazyLoads ?? 0) + 1;
      export const handler = () => new Response(String(globalThis.lazyLoads));`,
  }, async ({ text }) => {
    equal(Reflect.get(globalThis, "lazyLoads"), undefined);
    equal(await text("/lazy"), "1");
    equal(await text("/lazy"), "1");
  });
});

Deno.test("fsRoutes mounts below a path and a base path", async () => {
  const files = { "routes/a/[id].ts": named("a") };
  await withProject(files, async ({ ask }) => {
    deepEqual(await (await ask("/base/mount/a/1")).json(), ["a", { id: "1" }]);
    equal((await ask("/a/1")).status, 404);
  }, { basePath: "/base", setUp: (app) => app.fsRoutes("/mount") });
});

Deno.test("a route file that exports nothing is named in the error", async () => {
  await withProject({
    "routes/_error.ts": `export const handler = (ctx) => new Response(ctx.error.message);`,
    "routes/empty.ts": `export const unrelated = 1;`,
  }, async ({ text }) => match(await text("/empty"), /routes\/empty\.ts exports nothing to serve/));
  await rejects(
    withProject({ "routes/_middleware.ts": `export default 1;` }, () => Promise.resolve()),
    /_middleware\.ts must export a middleware/,
  );
});
