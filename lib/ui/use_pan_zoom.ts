import { type Signal, useSignal } from "@preact/signals";
import type { RefObject, TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import { scaleToFit, scaleWithin, scrollAround, STEP, wheelFactor } from "./zoom.ts";

/** How far a press may slip and still be a click, in pixels. */
const SLIP = 4;

/** A frame that scrolls over a picture, and what to give to its element. */
export interface PanZoomControl {
  readonly box: RefObject<HTMLDivElement>;
  /** The size that is shown, where 1 is the picture's own. */
  readonly scale: Signal<number>;
  readonly larger: () => void;
  readonly smaller: () => void;
  readonly asDrawn: () => void;
  readonly fit: () => void;
  readonly handlers: Handlers;
}

type On<Event extends UIEvent | DragEvent> = (
  event: TargetedEvent<HTMLDivElement, Event>,
) => void;

interface Handlers {
  readonly onKeyDown: On<KeyboardEvent>;
  readonly onWheel: On<WheelEvent>;
  readonly onTouchStart: On<TouchEvent>;
  readonly onTouchMove: On<TouchEvent>;
  readonly onPointerDown: On<PointerEvent>;
  readonly onPointerMove: On<PointerEvent>;
  readonly onPointerUp: On<PointerEvent>;
  readonly onPointerCancel: On<PointerEvent>;
  readonly onClickCapture: On<MouseEvent>;
  readonly onDragStart: On<DragEvent>;
}

/** A point of the frame, in pixels from its upper left corner. */
interface Point {
  readonly x: number;
  readonly y: number;
}

interface Drag extends Point {
  readonly left: number;
  readonly top: number;
}

/**
 * Makes a picture larger and smaller by its own size, so that moving it is what scrolling is: by
 * wheel, finger and arrow keys without anything of ours, and with no motion that could be too much.
 */
export function usePanZoom(): PanZoomControl {
  const box = useRef<HTMLDivElement>(null);
  const scale = useSignal(1);
  const show = (wanted: number, at?: Point): void => {
    const frame = box.current;
    const picture = frame?.querySelector("svg");
    if (!frame || !picture) return;
    const next = scaleWithin(wanted);
    const factor = next / scale.value;
    const { x, y } = at ?? { x: frame.clientWidth / 2, y: frame.clientHeight / 2 };
    const [left, top] = [
      scrollAround(frame.scrollLeft, x, factor),
      scrollAround(frame.scrollTop, y, factor),
    ];
    const { width, height } = picture.viewBox.baseVal;
    picture.setAttribute("width", String(Math.round(width * next)));
    picture.setAttribute("height", String(Math.round(height * next)));
    frame.scrollTo(left, top);
    scale.value = next;
  };
  const control = {
    larger: () => show(scale.value * STEP),
    smaller: () => show(scale.value / STEP),
    asDrawn: () => show(1),
    fit: () => {
      const width = box.current?.querySelector("svg")?.viewBox.baseVal.width ?? 1;
      show(scaleToFit(width, box.current?.clientWidth ?? width));
    },
  };
  const dragging = useDragging(box);
  const pinch = usePinch(scale, show);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { "+": control.larger, "=": control.larger, "-": control.smaller }[event.key] ??
      (event.key === "0" ? control.asDrawn : undefined);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const onWheel: On<WheelEvent> = (event) => {
    // Two fingers that part on a touchpad come as a turned wheel with the control key.
    if (!event.ctrlKey) return;
    event.preventDefault();
    show(scale.value * wheelFactor(event.deltaY), placeIn(event.currentTarget, event));
  };
  return { box, scale, ...control, handlers: { onKeyDown, onWheel, ...pinch, ...dragging } };
}

/** Moving the picture with the mouse. A finger scrolls by itself. */
function useDragging(box: RefObject<HTMLDivElement>): Omit<
  Handlers,
  "onKeyDown" | "onWheel" | "onTouchStart" | "onTouchMove"
> {
  const from = useRef<Drag | null>(null);
  const hasMoved = useRef(false);
  const end = (): void => {
    from.current = null;
    box.current?.classList.remove("is-dragged");
  };
  return {
    onPointerDown: (event) => {
      hasMoved.current = false;
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      const { scrollLeft: left, scrollTop: top } = event.currentTarget;
      from.current = { x: event.clientX, y: event.clientY, left, top };
    },
    onPointerMove: (event) => {
      const start = from.current;
      if (start === null) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      const frame = event.currentTarget;
      if (!hasMoved.current) {
        if (Math.hypot(x, y) < SLIP) return;
        hasMoved.current = true;
        frame.setPointerCapture(event.pointerId);
        frame.classList.add("is-dragged");
      }
      frame.scrollTo(start.left - x, start.top - y);
    },
    onPointerUp: end,
    onPointerCancel: end,
    // A box that the picture was moved by was not meant to be followed.
    onClickCapture: (event) => {
      if (!hasMoved.current) return;
      hasMoved.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
    onDragStart: (event) => event.preventDefault(),
  };
}

/** Two fingers on the picture make it larger, and not the page. */
function usePinch(
  scale: Signal<number>,
  show: (scale: number, at: Point) => void,
): Pick<Handlers, "onTouchStart" | "onTouchMove"> {
  const begun = useRef({ apart: 1, scale: 1 });
  return {
    onTouchStart: ({ touches: [one, two] }) => {
      if (one && two) begun.current = { apart: apartOf(one, two), scale: scale.value };
    },
    onTouchMove: (event) => {
      const [one, two] = event.touches;
      if (!one || !two) return;
      event.preventDefault();
      const factor = apartOf(one, two) / begun.current.apart;
      const middle = {
        clientX: (one.clientX + two.clientX) / 2,
        clientY: (one.clientY + two.clientY) / 2,
      };
      show(begun.current.scale * factor, placeIn(event.currentTarget, middle));
    },
  };
}

function apartOf(one: Touch, two: Touch): number {
  return Math.max(1, Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY));
}

function placeIn(
  frame: HTMLElement,
  { clientX, clientY }: { clientX: number; clientY: number },
): Point {
  const { left, top } = frame.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}
