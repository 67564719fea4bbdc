import {
  type ComponentChildren,
  createContext,
  type FunctionComponent,
  h,
  isValidElement,
  type VNode,
} from "preact";
import { useContext } from "preact/hooks";
import { jsxTemplate } from "preact/jsx-runtime";
import type { Island } from "./island_registry.ts";
import { currentRender, type RenderState } from "./render_state.ts";
import { isSignal } from "./serialise.ts";

/** True below an island, false again in the JSX that was passed to it. */
const InsideIsland = createContext(false);
const wrappers = new WeakMap<Island, FunctionComponent>();

/** A component that draws an island between comments, where the browser finds it again. */
export function islandWrapper(island: Island): FunctionComponent {
  const wrapper = wrappers.get(island) ?? makeWrapper(island);
  wrappers.set(island, wrapper);
  return wrapper;
}

/** The id of JSX that was passed to an island, or undefined for any other value. */
export function slotId(value: unknown): number | undefined {
  if (!isValidElement(value) || isSignal(value) || value.type !== Slot) return undefined;
  return (value as VNode<SlotProps>).props.id;
}

function makeWrapper(island: Island): FunctionComponent {
  return function IslandMarkers(props): VNode {
    const state = currentRender();
    const inside = useContext(InsideIsland);
    if (state === null || inside) return bare(island, { props, state });

    const own: Record<string, unknown> = { ...props };
    for (const [name, value] of Object.entries(props)) {
      if (isJsx(value)) own[name] = slot(value, state);
    }
    const index = state.instances.push({ island, props: own }) - 1;
    return jsxTemplate(
      [`<!--fresh:island:${index}-->`, `<!--/fresh:island-->`],
      h(InsideIsland.Provider, { value: true }, bare(island, { props: own, state })),
    );
  };
}

/** The island's own vnode, which the render hook then leaves alone. */
function bare(
  island: Island,
  { props, state }: { props: Record<string, unknown>; state: RenderState | null },
): VNode {
  const vnode = h(island.fn, props);
  state?.marked.add(vnode);
  return vnode;
}

interface SlotProps {
  id: number;
  children?: ComponentChildren;
}

function slot(content: ComponentChildren, state: RenderState): VNode<SlotProps> {
  const id = state.slots.push({ content, drawn: false }) - 1;
  return h(Slot, { id }, content);
}

function Slot({ id, children }: SlotProps): VNode {
  const own = currentRender()?.slots[id];
  if (own !== undefined) own.drawn = true;
  return jsxTemplate(
    [`<!--fresh:slot:${id}-->`, `<!--/fresh:slot-->`],
    h(InsideIsland.Provider, { value: false }, children),
  );
}

function isJsx(value: unknown): value is ComponentChildren {
  if (Array.isArray(value)) return value.some(isJsx);
  return isValidElement(value) && !isSignal(value);
}
