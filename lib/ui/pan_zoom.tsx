import type { ComponentChildren, JSX } from "preact";
import { usePanZoom } from "./use_pan_zoom.ts";
import { useWords } from "./words/words.ts";

/** A picture and what it is called. */
export interface PanZoomProps {
  readonly label: string;
  /** Size of the picture, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** An SVG whose `viewBox` has its own size. */
  readonly children: ComponentChildren;
}

/** What is no larger is seen as a whole at most desks: buttons would only be in the way. */
const SMALL = { width: 640, height: 480 };

/**
 * A picture in a frame that scrolls; within an island it can be moved by dragging, and made larger
 * and smaller by buttons, keys, the wheel and two fingers.
 */
export function PanZoom({ label, size, children }: PanZoomProps): JSX.Element {
  const { graph } = useWords();
  const { box, scale, handlers, ...control } = usePanZoom();
  const isSmall = size.width <= SMALL.width && size.height <= SMALL.height;
  const percent = `${Math.round(100 * scale.value)} %`;
  return (
    <div class="graph-frame">
      {!isSmall && (
        <div class="graph-tools needs-script" role="group" aria-label={graph.size}>
          <button
            type="button"
            class="button-quiet"
            title={graph.smaller}
            onClick={control.smaller}
          >
            <span aria-hidden="true">−</span>
            <span class="visually-hidden">{graph.smaller}</span>
          </button>
          <button
            type="button"
            class="button-quiet"
            title={graph.asDrawn}
            onClick={control.asDrawn}
          >
            <span class="graph-percent">{percent}</span>
            <span class="visually-hidden">{graph.asDrawn}</span>
          </button>
          <button type="button" class="button-quiet" title={graph.larger} onClick={control.larger}>
            <span aria-hidden="true">+</span>
            <span class="visually-hidden">{graph.larger}</span>
          </button>
          <button type="button" class="button-quiet" onClick={control.fit}>{graph.fit}</button>
          <span class="quiet small">{graph.keys}</span>
        </div>
      )}
      <div
        class="scroll graph"
        role="region"
        aria-label={label}
        tabIndex={0}
        ref={box}
        {...handlers}
      >
        {children}
      </div>
    </div>
  );
}

/** The size of a picture alone, and nothing else of it, which an island would get twice. */
export function sizeOf({ width, height }: PanZoomProps["size"]): PanZoomProps["size"] {
  return { width, height };
}
