import { type ComponentChildren, type ComponentType, h, hydrate, type VNode } from "preact";
import { setBuildId } from "./asset.ts";
import { readMarkers, slotContent } from "./island_dom.ts";
import { revive } from "./revive.ts";
import { rootBetween } from "./root_fragment.ts";
import type { Table } from "./serialise.ts";

type Instance = [component: number, props: Record<string, unknown>];

/**
 * Starts the islands of a page; the page's own script calls it. Everything is read from
 * the document before the first island starts, because starting changes the document.
 */
export function boot(components: ComponentType[], buildId: string, table: Table): void {
  setBuildId(buildId);
  const contents = new Map<number, ComponentChildren>();
  const Slot = ({ id }: { id: number }): ComponentChildren => contents.get(id);

  const slots = new Set<number>();
  const instances = revive(table, (id) => {
    slots.add(id);
    return h(Slot, { id });
  }) as Instance[];
  const toVNode = (index: number): VNode | null => {
    const [component, props] = instances[index] ?? [-1, {}];
    const type = components[component];
    return type === undefined ? null : h(type, props);
  };

  const markers = readMarkers(document);
  for (const id of slots) {
    contents.set(id, slotContent(id, { markers, toVNode }));
  }
  for (const { index, start, end } of markers.roots) {
    hydrate(toVNode(index), rootBetween(start, end));
  }
}
