import type { ComponentChildren, VNode } from "preact";
import { setBuildId } from "./asset.ts";
import type { Island, IslandRegistry } from "./island_registry.ts";

/** What comes together while one page is drawn. */
export class RenderState {
  readonly buildId: string;
  readonly nonce: string = crypto.randomUUID().replaceAll("-", "");
  /** The islands on the page, in the order of their appearance. */
  readonly instances: { island: Island; props: Record<string, unknown> }[] = [];
  /** JSX passed to islands; what an island doesn't show at first is sent as a template. */
  readonly slots: { content: ComponentChildren; drawn: boolean }[] = [];
  readonly head: VNode[] = [];
  /** Which of html, head and body the page or its wrapper has drawn. */
  readonly drawn: Set<string> = new Set();
  /** Vnodes of islands that already have their markers. */
  readonly marked: WeakSet<VNode> = new WeakSet();
  #islands: IslandRegistry | undefined;

  constructor(init: { buildId: string; islands: IslandRegistry | undefined }) {
    this.buildId = init.buildId;
    this.#islands = init.islands;
  }

  islandOf(vnode: VNode): Island | undefined {
    return this.marked.has(vnode) ? undefined : this.#islands?.get(vnode.type);
  }
}

let current: RenderState | null = null;

/** The page being drawn, if one is. Drawing is synchronous, so there is only one at a time. */
export function currentRender(): RenderState | null {
  return current;
}

export function withRenderState<T>(state: RenderState, draw: () => T): T {
  current = state;
  setBuildId(state.buildId);
  try {
    return draw();
  } finally {
    current = null;
  }
}
