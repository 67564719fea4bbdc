import type { ContainerNode } from "preact";

/**
 * A container for Preact that covers only what lies between two comments, so that several
 * islands can share one parent element and need no element of their own.
 */
export function rootBetween(start: Comment, end: Comment): ContainerNode {
  const parent = start.parentNode;
  if (parent === null) {
    throw new Error("An island's markers are not part of the document.");
  }
  const children = (): ChildNode[] => {
    const nodes: ChildNode[] = [];
    for (
      let node = start.nextSibling;
      node !== null && node !== end;
      node = node.nextSibling
    ) {
      nodes.push(node);
    }
    return nodes;
  };
  const root = {
    nodeType: 1,
    parentNode: parent,
    ownerDocument: parent.ownerDocument,
    namespaceURI: parent instanceof Element ? parent.namespaceURI : null,
    get firstChild(): ChildNode | null {
      return children()[0] ?? null;
    },
    get childNodes(): ChildNode[] {
      return children();
    },
    contains: (node: Node | null) => children().some((child) => child.contains(node)),
    insertBefore: (node: Node, child: Node | null) => parent.insertBefore(node, child ?? end),
    appendChild: (node: Node) => parent.insertBefore(node, end),
    removeChild: (node: Node) => parent.removeChild(node),
  };
  return root as unknown as ContainerNode;
}
