import { equal } from "node:assert/strict";
import { type Context, createDefine, page, type PageProps, type RouteConfig } from "fresh";
import { renderToString } from "preact-render-to-string";

// Most of this file is checked by the compiler: it must accept what the documentation shows.

interface State {
  user?: string;
}
const define = createDefine<State>();

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : never;
function same<A, B>(proof: Same<A, B>): void {
  equal(proof, true);
}

function draw<Data>(Page: (props: PageProps<Data, State>) => unknown, data: Data): string {
  const props = { data, state: {}, url: new URL("http://localhost/") } as PageProps<Data, State>;
  return renderToString(Page(props) as Parameters<typeof renderToString>[0]);
}

Deno.test("a handler that redirects or yields data types the page", () => {
  const handler = define.handlers({
    GET: async (ctx) => {
      same<typeof ctx, Context<State>>(true);
      await Promise.resolve();
      return ctx.state.user === undefined ? ctx.redirect("/login") : page({ name: ctx.state.user });
    },
    POST: (ctx) => new Response(ctx.params.id),
  });
  const Page = define.page<typeof handler>(({ data, state }) => {
    same<typeof data, { name: string }>(true);
    same<typeof state, State>(true);
    return <p>{data.name}</p>;
  });
  equal(
    draw(Page as (props: PageProps<{ name: string }, State>) => unknown, { name: "n" }),
    "<p>n</p>",
  );
});

Deno.test("a handler function types the page as well", () => {
  const handler = define.handlers((ctx) => page({ path: ctx.url.pathname }));
  define.page<typeof handler>(({ data }) => {
    same<typeof data, { path: string }>(true);
    return <p>{data.path}</p>;
  });
});

Deno.test("explicit data, async pages, layouts and middlewares", () => {
  define.handlers<{ slug: string }>({
    GET: () => page({ slug: "s" }, { status: 201, headers: { "x-a": "b" } }),
    // @ts-expect-error the declared data has a slug
    POST: () => page({}),
  });
  define.page(async ({ url, state, params, error, route }) => {
    await Promise.resolve();
    return <p title={params.id}>{url.href} {state.user} {String(error)} {route}</p>;
  });
  define.layout(({ Component, state }) => (
    <div class={state.user}>
      <Component />
    </div>
  ));
  define.middleware([(ctx) => ctx.next(), (ctx) => ctx.json({ user: ctx.state.user })]);
  const config: RouteConfig = { skipAppWrapper: true, skipInheritedLayouts: true };
  equal(config.skipAppWrapper, true);
});
