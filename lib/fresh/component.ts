import { type AnyComponent, type FunctionComponent, h, type VNode } from "preact";
import type { Context } from "./context.ts";

/** What pages, layouts and the app wrapper receive. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<
    Context<State>,
    | "config"
    | "url"
    | "req"
    | "params"
    | "info"
    | "state"
    | "isPartial"
    | "Component"
    | "error"
    | "route"
  >
  & { data: Data };

/**
 * A page, layout or app wrapper. An async function may await its data, and may answer with
 * a `Response` instead of JSX.
 */
export type RouteComponent<State> = AnyComponent<PageProps<unknown, State>>;

/** Turns a route component into a vnode; async components are awaited here. */
export async function toVNode<State>(
  component: RouteComponent<State>,
  props: PageProps<unknown, State>,
): Promise<VNode | Response | null> {
  if (component.constructor.name !== "AsyncFunction") return h(component, props) as VNode;
  const load = component as FunctionComponent<PageProps<unknown, State>>;
  return await load(props) as VNode | Response | null;
}

/** The props of a page or layout for this request. */
export function pageProps<State>(
  ctx: Context<State>,
  { data, Component }: { data: unknown; Component: FunctionComponent },
): PageProps<unknown, State> {
  const { config, url, req, params, info, state, isPartial, error, route } = ctx;
  return { config, url, req, params, info, state, isPartial, error, route, data, Component };
}
