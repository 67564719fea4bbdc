import { Fragment, type FunctionComponent, h, isValidElement, type VNode } from "preact";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import { bootMarkup, preloadHeader } from "./boot_script.ts";
import { pageProps, type RouteComponent, toVNode } from "./component.ts";
import type { Context, UiFrame } from "./context.ts";
import { rememberNonce } from "./csp.ts";
import "./render_hook.ts";
import { RenderState, withRenderState } from "./render_state.ts";
import type { LayoutConfig } from "./route.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Renders a page inside its layouts and the app wrapper to an HTML response.
 *
 * @throws {TypeError} when `vnode` is neither JSX nor null
 */
export async function renderPage<State>(
  ctx: Context<State>,
  vnode: VNode | null,
  { init, config, frame, snapshot }: {
    init: ResponseInit;
    config: LayoutConfig;
    frame: UiFrame<State>;
    snapshot: Snapshot | null;
  },
): Promise<Response> {
  if (vnode !== null && !isValidElement(vnode)) {
    throw new TypeError(`ctx.render() takes JSX or null, and got ${typeof vnode}.`);
  }
  let content: VNode | null = vnode;
  for (const layout of config.skipInheritedLayouts ? [] : frame.layouts.toReversed()) {
    const inside: VNode | null = content;
    const wrapped: VNode | Response | null = await wrap(ctx, layout, () => inside);
    if (wrapped instanceof Response) return wrapped;
    content = wrapped;
  }

  await snapshot?.islands.load();
  const buildId = await snapshot?.buildId() ?? "";
  const state = new RenderState({ islands: snapshot?.islands, buildId });

  // The wrapper's own data is awaited first, because drawing must not be interrupted.
  let inner = "";
  const app = config.skipAppWrapper ? null : frame.app;
  const shell = app === null ? null : await wrap(ctx, app, () => jsxTemplate([inner]));
  if (shell instanceof Response) return shell;

  const { basePath } = ctx.config;
  const html = withRenderState(state, () => {
    // The page comes before the wrapper, so that <head> knows what the page put into it.
    inner = renderToString(content ?? h(Fragment, null));
    return closeDocument(shell === null ? inner : renderToString(shell), { state, basePath });
  });
  const headers = new Headers(init.headers);
  headers.set("content-type", "text/html; charset=utf-8");
  if (state.instances.length > 0) headers.append("link", preloadHeader(state, basePath));
  const response = new Response(html, { ...init, headers });
  rememberNonce(response, state.nonce);
  return response;
}

/** Draws `component` around what `Component` draws. */
function wrap<State>(
  ctx: Context<State>,
  component: RouteComponent<State>,
  Component: FunctionComponent,
): Promise<VNode | Response | null> {
  ctx.Component = Component;
  return toVNode(component, pageProps(ctx, { data: undefined, Component }));
}

/** Adds what the page left out of html, head and body, and the islands' script. */
function closeDocument(
  html: string,
  { state, basePath }: { state: RenderState; basePath: string },
): string {
  const boot = bootMarkup(state, basePath);
  if (state.drawn.has("body")) {
    const end = html.lastIndexOf("</body>");
    return `<!DOCTYPE html>${html.slice(0, end)}${boot}${html.slice(end)}`;
  }
  const head = state.drawn.has("head")
    ? ""
    : renderToString(h("head", null, h("meta", { charset: "utf-8" })));
  const document = `${head}<body>${html}${boot}</body>`;
  return `<!DOCTYPE html>${state.drawn.has("html") ? document : `<html>${document}</html>`}`;
}
