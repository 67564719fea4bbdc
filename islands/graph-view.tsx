import type { JSX } from "preact";
import { PanZoom, type PanZoomProps } from "../lib/ui/pan_zoom.tsx";

/** A graph that the server drew, to be moved and made larger. Without JavaScript it scrolls. */
export function GraphView(props: PanZoomProps): JSX.Element {
  return <PanZoom {...props} />;
}
