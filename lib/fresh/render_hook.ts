/**
 * Looks at every vnode while a page is drawn: islands get their markers, scripts their nonce, images
 * their lasting addresses, and `<head>` what pages put into it. Importing it is enough.
 * @module
 */
import { type ComponentChildren, type Options, options, toChildArray, type VNode } from "preact";
import { asset, assetSrcSet } from "./asset.ts";
import { Head } from "./head.ts";
import { islandWrapper } from "./island_markup.ts";
import { currentRender, type RenderState } from "./render_state.ts";

/** Preact's hook before a vnode is drawn; it has no name in Preact's public types. */
const hooks = options as Options & { __b?: (vnode: VNode) => void };
const before = hooks.__b;
hooks.__b = (vnode) => {
  const state = currentRender();
  if (state !== null) prepare(vnode, state);
  before?.(vnode);
};

function prepare(vnode: VNode, state: RenderState): void {
  if (typeof vnode.type === "string") return prepareElement(vnode, state);
  if (vnode.type === Head) {
    state.head.push(...elements(vnode.props.children));
    return;
  }
  const island = state.islandOf(vnode);
  if (island !== undefined) vnode.type = islandWrapper(island);
}

function prepareElement(vnode: VNode, state: RenderState): void {
  const props: Record<string, unknown> = vnode.props;
  switch (vnode.type) {
    case "html":
    case "body":
      state.drawn.add(vnode.type);
      return;
    case "head":
      state.drawn.add("head");
      vnode.props.children = mergeHead(vnode.props.children, state.head);
      return;
    case "script":
    case "style":
      props.nonce ??= state.nonce;
      return;
    case "img":
    case "source":
      if (props["data-fresh-disable-lock"]) return;
      if (typeof props.src === "string") props.src = asset(props.src);
      if (typeof props.srcset === "string") props.srcset = assetSrcSet(props.srcset);
  }
}

/** What pages put into `<head>` replaces the wrapper's element of the same identity. */
function mergeHead(own: ComponentChildren, added: VNode[]): ComponentChildren {
  const byIdentity = new Map<unknown, VNode>();
  for (const vnode of added) byIdentity.set(identity(vnode), vnode);
  const kept = toChildArray(own).filter((child) =>
    typeof child !== "object" || !byIdentity.has(identity(child))
  );
  return [...kept, ...byIdentity.values()];
}

function identity(vnode: VNode): unknown {
  const { name, id, rel } = vnode.props as { name?: string; id?: string; rel?: string };
  if (vnode.type === "title") return "title";
  if (vnode.key !== undefined && vnode.key !== null) return `${vnode.type} key ${vnode.key}`;
  if (id !== undefined) return `${vnode.type} id ${id}`;
  if (vnode.type === "meta" && name !== undefined) return `meta ${name}`;
  return vnode.type === "link" && rel === "canonical" ? "link canonical" : vnode;
}

function elements(children: ComponentChildren): VNode[] {
  return toChildArray(children).filter((child): child is VNode => typeof child === "object");
}
