import { deepEqual, equal, match, ok } from "node:assert/strict";
import { App, createDefine, csp, csrf, HttpError, type Middleware, page } from "fresh";
import type { RouteComponent } from "../../lib/fresh/component.ts";

const define = createDefine<{ trail: string[] }>();

/** A middleware that notes its name before and after what it wraps. */
function noting(name: string): Middleware<{ trail: string[] }> {
  return define.middleware(async (ctx) => {
    ctx.state.trail = [...ctx.state.trail ?? [], name];
    const response = await ctx.next();
    response.headers.append("after", name);
    return response;
  });
}

function ask<State>(app: App<State>, path: string, init?: RequestInit): Promise<Response> {
  return app.handler()(new Request(`http://localhost${path}`, init));
}

Deno.test("middlewares run outer first, and only for routes registered after them", async () => {
  const trail = define.middleware((ctx) => Response.json(ctx.state.trail));
  const app = new App<{ trail: string[] }>()
    .use(noting("a"), noting("b"))
    .get("/early", trail)
    .use("/deep", noting("deep"))
    .use(noting("c"))
    .get("/deep/er", noting("own"), trail)
    .get("/late", trail);
  deepEqual(await (await ask(app, "/early")).json(), ["a", "b"]);
  deepEqual(await (await ask(app, "/late")).json(), ["a", "b", "c"]);
  const deep = await ask(app, "/deep/er");
  deepEqual(await deep.json(), ["a", "b", "c", "deep", "own"]);
  equal(deep.headers.get("after"), "own, deep, c, b, a");
});

Deno.test("a lazy middleware is loaded once", async () => {
  let loads = 0;
  const app = new App().get("/", () => {
    loads++;
    return Promise.resolve(() => new Response("loaded"));
  });
  const handler = app.handler();
  for (let i = 0; i < 3; i++) {
    equal(await (await handler(new Request("http://localhost/"))).text(), "loaded");
  }
  equal(loads, 1);
});

Deno.test("each method has its handler, and all() answers the rest", async () => {
  const app = new App()
    .get("/m", (ctx) => ctx.text("get"))
    .post("/m", (ctx) => ctx.text("post"))
    .put("/m", (ctx) => ctx.text("put"))
    .patch("/m", (ctx) => ctx.text("patch"))
    .delete("/m", (ctx) => ctx.text("delete"))
    .all("/m", (ctx) => ctx.text(`all ${ctx.req.method}`));
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
    equal(await (await ask(app, "/m", { method })).text(), method.toLowerCase());
  }
  equal(await (await ask(app, "/m", { method: "OPTIONS" })).text(), "all OPTIONS");
});

Deno.test("HEAD falls back to GET without a body", async () => {
  const app = new App().get("/", () => new Response("body", { headers: { "x-a": "1" } }));
  const response = await ask(app, "/", { method: "HEAD" });
  deepEqual([response.status, response.headers.get("x-a"), await response.text()], [200, "1", ""]);
});

Deno.test("HEAD stops the stream that a GET would have read", async () => {
  const stopped = Promise.withResolvers<void>();
  const body = new ReadableStream({ cancel: () => stopped.resolve() });
  const app = new App().get("/", () => new Response(body));
  equal(await (await ask(app, "/", { method: "HEAD" })).text(), "");
  await stopped.promise;
});

Deno.test("an unknown method is 405 with Allow, OPTIONS is 204 with Allow", async () => {
  const app = new App().get("/a", (ctx) => ctx.text("")).post("/a", (ctx) => ctx.text(""));
  const refused = await ask(app, "/a", { method: "DELETE" });
  deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, POST, HEAD"]);
  const options = await ask(app, "/a", { method: "OPTIONS" });
  deepEqual([options.status, options.headers.get("allow")], [204, "GET, POST, HEAD"]);
});

Deno.test("an unknown path is 404 and still passes the root's middlewares", async () => {
  let seen = "";
  const app = new App().use((ctx) => {
    seen = `${ctx.url.pathname} ${ctx.route}`;
    return ctx.next();
  });
  const response = await ask(app, "/nowhere");
  deepEqual([response.status, await response.text(), seen], [404, "Not Found", "/nowhere null"]);
});

Deno.test("the nearest error route answers; HttpError keeps its status", async () => {
  const app = new App()
    .onError("*", (ctx) => new Response(`outer ${ctx.error}`, { status: 500 }))
    .onError("/in", {
      handler: () => page({}),
      component: ({ error }) => <p>inner {String(error)}</p>,
    })
    .get("/out", () => Promise.reject(new Error("x")))
    .get("/in/side", () => {
      throw new HttpError(418, "tea");
    });
  const inner = await ask(app, "/in/side");
  equal(inner.status, 418);
  match(await inner.text(), /<p>inner HttpError: tea<\/p>/);
  equal(await (await ask(app, "/out")).text(), "outer Error: x");
});

Deno.test("notFound() takes every 404, other errors keep their page", async () => {
  const app = new App()
    .notFound((ctx) =>
      ctx.render(<h1>gone: {(ctx.error as HttpError).message}</h1>, { status: 404 })
    )
    .get("/thrown", () => {
      throw new HttpError(404, "thrown");
    })
    .get("/other", () => {
      throw new HttpError(403, "no");
    });
  match(await (await ask(app, "/thrown")).text(), /<h1>gone: thrown<\/h1>/);
  equal((await ask(app, "/unknown")).status, 404);
  const other = await ask(app, "/other");
  deepEqual([other.status, await other.text()], [403, "no"]);
});

Deno.test("what goes wrong in a middleware is in ctx.error of those around it", async () => {
  const app = new App()
    .use(async (ctx) => {
      try {
        return await ctx.next();
      } catch {
        return ctx.text(`caught ${ctx.error}`);
      }
    })
    .get("/", () => {
      throw new Error("deep");
    });
  equal(await (await ask(app, "/")).text(), "caught Error: deep");
});

Deno.test("layouts nest by path, and options leave them out", async () => {
  const app = new App()
    .appWrapper(({ Component }) => (
      <html>
        <body>
          <Component />
        </body>
      </html>
    ))
    .layout("*", ({ Component }) => (
      <main>
        <Component />
      </main>
    ))
    .layout("/admin/*", async ({ Component }) => {
      await Promise.resolve();
      return (
        <section>
          <Component />
        </section>
      );
    })
    .layout("/alone", ({ Component }) => (
      <i>
        <Component />
      </i>
    ), { skipInheritedLayouts: true })
    .layout("/raw", ({ Component }) => (
      <u>
        <Component />
      </u>
    ), { skipAppWrapper: true })
    .get("/", (ctx) => ctx.render(<b>hi</b>))
    .get("/admin/users", (ctx) => ctx.render(<b>hi</b>))
    .get("/alone", (ctx) => ctx.render(<b>hi</b>))
    .get("/raw", (ctx) => ctx.render(<b>hi</b>))
    .get(
      "/bare",
      (ctx) => ctx.render(<b>hi</b>, {}, { skipInheritedLayouts: true, skipAppWrapper: true }),
    );
  const body = async (path: string): Promise<string> =>
    /<body>(.*)<\/body>/.exec(await (await ask(app, path)).text())?.[1] ?? "";
  equal(await body("/"), "<main><b>hi</b></main>");
  equal(await body("/admin/users"), "<main><section><b>hi</b></section></main>");
  equal(await body("/alone"), "<i><b>hi</b></i>");
  equal(await body("/raw"), "<main><u><b>hi</b></u></main>");
  equal(await body("/bare"), "<b>hi</b>");
  match(
    await (await ask(app, "/bare")).text(),
    /^<!DOCTYPE html><html><head><meta charset="utf-8"/,
  );
});

Deno.test("route() loads data for its component and answers unknown methods itself", async () => {
  const app = new App().route("/page", {
    handler: {
      POST: (ctx) => ctx.redirect("/page", 303),
      GET: () => page("data", { status: 203 }),
    },
    component: (props) => <p>{String(props.data)}</p>,
  });
  const got = await ask(app, "/page");
  equal(got.status, 203);
  match(await got.text(), /<p>data<\/p>/);
  equal((await ask(app, "/page", { method: "POST" })).headers.get("location"), "/page");
  equal((await ask(app, "/page", { method: "PUT" })).status, 405);
});

Deno.test("define links the handler's data to the page's props", async () => {
  const handler = define.handlers({ GET: () => page({ count: 2 }) });
  const Page = define.page<typeof handler>(({ data }) => <p>{data.count.toFixed(1)}</p>);
  const app = new App<{ trail: string[] }>()
    .route("/", { handler, component: Page as RouteComponent<{ trail: string[] }> });
  match(await (await ask(app, "/")).text(), /<p>2\.0<\/p>/);
});

Deno.test("an app is mounted below a path, and below a base path", async () => {
  const inner = new App()
    .use((ctx) => (ctx.req.headers.has("x-block") ? ctx.text("blocked") : ctx.next()))
    .get("/", (ctx) => ctx.text("index"))
    .get("/item/:id", (ctx) => ctx.text(ctx.params.id ?? ""));
  const app = new App({ basePath: "/base" }).mountApp("/in", inner).get(
    "/out",
    (c) => c.text("out"),
  );
  equal(await (await ask(app, "/base/in")).text(), "index");
  equal(await (await ask(app, "/base/in/item/7")).text(), "7");
  const headers = { "x-block": "1" };
  equal(await (await ask(app, "/base/in/item/7", { headers })).text(), "blocked");
  equal(await (await ask(app, "/base/out", { headers })).text(), "out");
  equal((await ask(app, "/in/item/7")).status, 404);
});

Deno.test("redirects stay on this site", async () => {
  const app = new App().get("/*", (ctx) => ctx.redirect(ctx.url.searchParams.get("to") ?? ""));
  const to = async (path: string): Promise<string | null> =>
    (await ask(app, `/x?to=${encodeURIComponent(path)}`)).headers.get("location");
  equal(await to("/a/b?c=//d#//e"), "/a/b?c=//d#//e");
  equal(await to("//evil.example/"), "/evil.example/");
  equal(await to("/\\evil.example/"), "/evil.example/");
  equal(await to("https://elsewhere.example/"), "https://elsewhere.example/");
});

Deno.test("responses: text, html, json, stream", async () => {
  const app = new App()
    .get("/text", (ctx) => ctx.text("t"))
    .get("/html", (ctx) => ctx.html("<p>", { headers: { "x-a": "1" } }))
    .get("/json", (ctx) => ctx.json({ a: 1 }, { status: 201 }))
    .get("/stream", (ctx) =>
      ctx.stream(function* (): Generator<string | Uint8Array> {
        yield "ä";
        yield new Uint8Array([33]);
      }));
  match((await ask(app, "/text")).headers.get("content-type") ?? "", /^text\/plain/);
  const html = await ask(app, "/html");
  match(html.headers.get("content-type") ?? "", /^text\/html/);
  equal(html.headers.get("x-a"), "1");
  const json = await ask(app, "/json");
  deepEqual([json.status, await json.json()], [201, { a: 1 }]);
  equal(await (await ask(app, "/stream")).text(), "ä!");
});

Deno.test("a streaming response reaches the client while it is still written", async () => {
  const more = Promise.withResolvers<void>();
  const app = new App().use((ctx) => ctx.next()).get("/events", () => {
    const body = new ReadableStream<Uint8Array>({
      async start(controller): Promise<void> {
        controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
        await more.promise;
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const reader = (await ask(app, "/events")).body?.getReader();
  equal(new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
  more.resolve();
  equal((await reader?.read())?.done, true);
});

Deno.test("a WebSocket passes through middlewares and csp()", async () => {
  const app = new App()
    .use(csp({ useNonce: true }))
    .get("/socket", (ctx) => {
      const { socket, response } = Deno.upgradeWebSocket(ctx.req);
      socket.onmessage = (event) => socket.send(`echo ${event.data}`);
      return response;
    });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.handler());
  try {
    const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/socket`);
    const answered = Promise.withResolvers<string>();
    const closed = Promise.withResolvers<void>();
    socket.onopen = () => socket.send("x");
    socket.onerror = () => answered.reject(new Error("the request did not become a WebSocket"));
    socket.onmessage = (event) => answered.resolve(String(event.data));
    socket.onclose = () => closed.resolve();
    equal(await answered.promise, "echo x");
    socket.close();
    await closed.promise;
  } finally {
    await server.shutdown();
  }
});

Deno.test("csp() puts a nonce on scripts and styles and into the header", async () => {
  const app = new App()
    .use(csp({ useNonce: true, csp: ["img-src 'self'"] }))
    .get("/json", (ctx) => ctx.json({}))
    .get("/", (ctx) =>
      ctx.render(
        <html>
          <head>
            <style>{"p { color: red }"}</style>
          </head>
          <body>
            <script>let a = 1;</script>
          </body>
        </html>,
      ));
  const response = await ask(app, "/");
  const policy = response.headers.get("content-security-policy") ?? "";
  const nonce = /script-src 'self' 'nonce-([0-9a-f]{32})'/.exec(policy)?.[1] ?? "none";
  const html = await response.text();
  ok(html.includes(`<style nonce="${nonce}">`), html);
  ok(html.includes(`<script nonce="${nonce}">`), html);
  ok(!policy.includes("unsafe-inline"), policy);
  match(policy, /img-src 'self'(;|$)/);
  const next = (await ask(app, "/")).headers.get("content-security-policy") ?? "";
  ok(!next.includes(nonce), "every response has a nonce of its own");
  match((await ask(app, "/json")).headers.get("content-security-policy") ?? "", /unsafe-inline/);
});

Deno.test("csrf() refuses writes from other sites", async () => {
  const app = new App().use(csrf()).all("/", (ctx) => ctx.text("ok"));
  const status = async (method: string, headers: Record<string, string>): Promise<number> =>
    (await ask(app, "/", { method, headers })).status;
  equal(
    await status("POST", { "sec-fetch-site": "cross-site", "origin": "http://evil.example" }),
    403,
  );
  equal(await status("POST", { "origin": "http://evil.example" }), 403);
  equal(await status("GET", { "sec-fetch-site": "cross-site" }), 200);
  equal(await status("POST", { "sec-fetch-site": "same-origin" }), 200);
  equal(await status("POST", { "sec-fetch-site": "same-site", "origin": "http://localhost" }), 200);
  equal(await status("POST", {}), 200);
});

Deno.test("what isn't a Response is a server error", async () => {
  const app = new App().get("/bad", (() => "text") as unknown as Middleware<unknown>);
  const response = await ask(app, "/bad");
  deepEqual([response.status, await response.text()], [500, "Internal Server Error"]);
});
