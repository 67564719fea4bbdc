import type { ComponentChildren, JSX } from "preact";
import { usePanZoom } from "./use_pan_zoom.ts";
import { useWords } from "./words/words.ts";

/** A picture and what it is called. */
export interface PanZoomProps {
  readonly label: string;
  /** An SVG whose `viewBox` has its own size. */
  readonly children: ComponentChildren;
}

/**
 * A picture in a frame that scrolls; within an island it can be moved by dragging, and made larger
 * and smaller by buttons, keys, the wheel and two fingers.
 */
export function PanZoom({ label, children }: PanZoomProps): JSX.Element {
  const { graph } = useWords();
  const { box, scale, handlers, ...control } = usePanZoom();
  const percent = `${Math.round(100 * scale.value)} %`;
  return (
    <div class="graph-frame">
      <div class="graph-tools needs-script" role="group" aria-label={graph.size}>
        <button type="button" class="button-quiet" title={graph.smaller} onClick={control.smaller}>
          <span aria-hidden="true">−</span>
          <span class="visually-hidden">{graph.smaller}</span>
        </button>
        <button type="button" class="button-quiet" title={graph.asDrawn} onClick={control.asDrawn}>
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
