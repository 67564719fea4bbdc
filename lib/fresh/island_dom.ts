import { type ComponentChildren, h, type VNode } from "preact";

/** Two comments with what the server drew between them. */
interface Span {
  start: Comment;
  end: Comment;
}

export interface Markers {
  /** Islands that are not inside another one. */
  roots: (Span & { index: number })[];
  /** JSX passed to islands and shown by them, by its id. */
  slots: Map<number, Span>;
}

const START = /^fresh:(island|slot):(\d+)$/;

/** Finds the comments that the server put around islands and the JSX passed to them. */
export function readMarkers(document: Document): Markers {
  const markers: Markers = { roots: [], slots: new Map() };
  const open: { kind: string; index: number; start: Comment }[] = [];
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode() !== null) {
    const comment = walker.currentNode as Comment;
    const [, kind, index] = START.exec(comment.data) ?? [];
    if (kind !== undefined) {
      open.push({ kind, index: Number(index), start: comment });
    }
    if (!comment.data.startsWith("/fresh:")) continue;
    const opened = open.pop();
    if (opened === undefined) continue;
    const span = { start: opened.start, end: comment };
    if (opened.kind === "slot") markers.slots.set(opened.index, span);
    else if (open.length === 0) {
      markers.roots.push({ ...span, index: opened.index });
    }
  }
  return markers;
}

interface DomReader {
  markers: Markers;
  /** The island with this index, for islands inside the JSX. */
  toVNode: (index: number) => VNode | null;
}

/** The JSX with this id, read back from the document or from the template that holds it. */
export function slotContent(id: number, reader: DomReader): ComponentChildren {
  const span = reader.markers.slots.get(id);
  if (span !== undefined) {
    return vnodesBetween(span.start.nextSibling, { ...reader, end: span.end });
  }
  const template = document.getElementById(`fresh-slot-${id}`);
  if (!(template instanceof HTMLTemplateElement)) return null;
  return vnodesBetween(template.content.firstChild, { ...reader, end: null });
}

function vnodesBetween(
  first: ChildNode | null,
  { end, ...reader }: DomReader & { end: ChildNode | null },
): ComponentChildren[] {
  const vnodes: ComponentChildren[] = [];
  for (
    let node = first;
    node !== null && node !== end;
    node = node.nextSibling
  ) {
    if (node instanceof Text) vnodes.push(node.data);
    if (node instanceof Element) {
      vnodes.push(elementVNode(node, reader as DomReader));
    }
    if (!(node instanceof Comment)) continue;
    const index = START.exec(node.data)?.[2];
    if (index === undefined) continue;
    vnodes.push(reader.toVNode(Number(index)));
    node = endOf(node);
  }
  return vnodes;
}

function elementVNode(element: Element, reader: DomReader): VNode {
  const props: Record<string, string | boolean> = {};
  for (const { name, value } of element.attributes) {
    if (name.startsWith("on")) continue; // text, where Preact would expect a function
    props[name] = typeof Reflect.get(element, name) === "boolean" ? true : value;
  }
  const children = vnodesBetween(element.firstChild, { ...reader, end: null });
  return h<Record<string, unknown>>(element.localName, props, children) as VNode;
}

/** The comment that closes the island or slot that `start` opens. */
function endOf(start: ChildNode): ChildNode {
  let depth = 0;
  for (
    let node: ChildNode | null = start;
    node !== null;
    node = node.nextSibling
  ) {
    if (!(node instanceof Comment)) continue;
    if (START.test(node.data)) depth++;
    if (node.data.startsWith("/fresh:") && --depth === 0) return node;
  }
  return start;
}
