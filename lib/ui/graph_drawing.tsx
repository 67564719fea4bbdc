import type { ComponentChildren, JSX } from "preact";

/** As `graph_layout.ts` has it, which stays on the server. */
const BOX_HEIGHT = 44;
const MOST_CHARACTERS = 24;

/** The picture of a graph with its lines. Boxes are its children, and `PanZoom` is its frame. */
export function GraphDrawing({ picture, label, children }: {
  picture: { readonly width: number; readonly height: number; readonly lines: readonly string[] };
  label: string;
  children: ComponentChildren;
}): JSX.Element {
  const { width, height, lines } = picture;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={label}
    >
      {lines.map((path) => <path key={path} class="graph-line" d={path} />)}
      {children}
    </svg>
  );
}

/** The outline of one task, or of several on top of each other, with a name in it. */
export function BoxOutline({ x, y, width, isPile, name }: {
  x: number;
  y: number;
  width: number;
  isPile: boolean;
  /** Cut where it would be wider than a box. */
  name: string;
}): JSX.Element {
  const shown = name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS - 1)}…` : name;
  const shape = { class: "graph-box", width, height: BOX_HEIGHT, rx: 6 };
  return (
    <>
      {isPile && <rect {...shape} x={x + 4} y={y + 4} />}
      <rect {...shape} x={x} y={y} />
      <text class="graph-name" x={x + 12} y={y + 19}>{shown}</text>
    </>
  );
}
