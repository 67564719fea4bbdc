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

interface Point {
  readonly x: number;
  readonly y: number;
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
  });
  for (const node of nodes) {
    graph.setNode(node.id, { width: widthOf(node, least), height: BOX_HEIGHT });
  }
  for (const { id, depends_on } of nodes) {
    for (const other of depends_on) graph.setEdge(other, id, {});
  }
  dagre.layout(graph);
  const boxes = nodes.map(({ id, task_ids }) => {
    const { x, y, width } = graph.node(id);
    return { task_ids, x: Math.round(x - width / 2), y: Math.round(y - BOX_HEIGHT / 2), width };
  });
  const lines = graph.edges().map((edge) => graph.edge(edge).points.map(rounded));
  return within(boxes, lines);
}

/** The picture that holds all of it: the library's own measure leaves out lines that lead around boxes. */
function within(boxes: readonly GraphBox[], lines: readonly (readonly Point[])[]): GraphPicture {
  const corners = [
    ...boxes.flatMap(({ x, y, width }) => [{ x, y }, { x: x + width, y: y + BOX_HEIGHT }]),
    ...lines.flat(),
  ];
  const [left, right] = range(corners.map(({ x }) => x));
  const [top, bottom] = range(corners.map(({ y }) => y));
  const moved = ({ x, y }: Point): Point => ({ x: x - left + MARGIN, y: y - top + MARGIN });
  return {
    width: right - left + 2 * MARGIN,
    height: bottom - top + 2 * MARGIN,
    boxes: boxes.map((box) => ({ ...box, ...moved(box) })),
    lines: lines.map((points) => curve(points.map(moved))),
  };
}

function range(values: readonly number[]): [least: number, most: number] {
  return [Math.min(...values), Math.max(...values)];
}

function rounded({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
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
function curve([first, ...rest]: readonly Point[]): string {
  if (first === undefined) return "";
  let last = first;
  return rest.reduce((path, point) => {
    const middle = Math.round((last.x + point.x) / 2);
    const part = `C${middle} ${last.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    last = point;
    return path + part;
  }, `M${first.x} ${first.y}`);
}
