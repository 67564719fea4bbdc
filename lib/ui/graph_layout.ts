/**
 * Where the boxes and lines of a graph go. On the server alone: the browser gets a picture that is
 * finished, and nothing of the library.
 * @module
 */
import dagre from "@dagrejs/dagre";
import { type GraphTask, topologicalOrder } from "../schema/graph.ts";
import { alikeTogether, bandsOf, eachAlone, type GraphNode, stagesOf } from "./graph_groups.ts";

/** A box in its place; the place is that of its upper left corner. */
export interface GraphBox {
  readonly task_ids: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A finished picture, in pixels. */
export interface GraphPicture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly GraphBox[];
  /** Paths of the lines, as SVG writes them. */
  readonly lines: readonly string[];
}

/** Height of every box. */
export const BOX_HEIGHT = 44;
/** Longest name in a box; longer ones are cut there and whole in its title. */
export const MOST_CHARACTERS = 24;
/** Boxes and lines of a picture that is made in a tenth of a second and can still be read. */
const MOST_NODES = 100;
const MOST_EDGES = 300;
/** So few that there can't be too many lines between them. */
const MOST_BANDS = 24;
const LEAST_CHARACTERS = 9;
const CHARACTER = 7.6;
const MARGIN = 8;

/**
 * Lays tasks out from left to right, each behind all that it depends on. Many that are alike share a
 * box; where even that is too much, all that are equally far from the beginning do, or about so.
 * @param least characters that every box has room for
 * @returns undefined where there is nothing that a picture could show
 */
export function layoutGraph(
  tasks: readonly GraphTask[],
  least = LEAST_CHARACTERS,
): GraphPicture | undefined {
  const nodes = drawable(tasks);
  if (nodes === undefined || nodes.length < 2) return undefined;
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: "LR",
    nodesep: 14,
    ranksep: 40,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  for (const node of nodes) {
    graph.setNode(node.id, { width: widthOf(node, least), height: BOX_HEIGHT });
  }
  for (const { id, depends_on } of nodes) {
    for (const other of depends_on) graph.setEdge(other, id, {});
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: nodes.map(({ id, task_ids }) => {
      const place = graph.node(id);
      const x = Math.round(place.x - place.width / 2);
      return { task_ids, x, y: Math.round(place.y - BOX_HEIGHT / 2), width: place.width };
    }),
    lines: graph.edges().map((edge) => curve(graph.edge(edge).points)),
  };
}

/** The fewest boxes that are needed, and the most detail that still can be drawn. */
function drawable(tasks: readonly GraphTask[]): GraphNode[] | undefined {
  const ways = [
    eachAlone,
    alikeTogether,
    (all: readonly GraphTask[]): GraphNode[] => stagesOf(all, topologicalOrder(all)),
    (all: readonly GraphTask[]): GraphNode[] =>
      bandsOf(all, { order: topologicalOrder(all), most: MOST_BANDS }),
  ];
  for (const way of ways) {
    const nodes = way(tasks);
    const edges = nodes.reduce((sum, { depends_on }) => sum + depends_on.length, 0);
    if (nodes.length <= MOST_NODES && edges <= MOST_EDGES) return nodes;
  }
  return undefined;
}

function widthOf({ id, task_ids }: GraphNode, least: number): number {
  const length = Math.min(id.length, MOST_CHARACTERS) + (task_ids.length > 1 ? 7 : 0);
  return Math.round(Math.max(least, length) * CHARACTER + 24);
}

/** A soft line through the points that the layout found. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  if (first === undefined) return "";
  let last = first;
  return rest.reduce((path, point) => {
    const middle = Math.round((last.x + point.x) / 2);
    const part = `C${middle} ${last.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    last = point;
    return path + part;
  }, `M${first.x} ${first.y}`);
}
