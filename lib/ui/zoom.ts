/** How large a picture is shown, and which part of it. Pure. */

/** Sizes between which a picture can be shown; 1 is its own. */
export const LEAST_SCALE = 0.1;
export const MOST_SCALE = 3;

/** One press of a button or key. */
export const STEP = 1.25;

/** A size that can be shown. */
export function scaleWithin(scale: number): number {
  return Math.min(MOST_SCALE, Math.max(LEAST_SCALE, scale));
}

/** The size at which all of a width is seen; never larger than its own. */
export function scaleToFit(width: number, room: number): number {
  return scaleWithin(Math.min(1, room / Math.max(1, width)));
}

/** How much larger a turn of the wheel makes a picture. @param deltaY in pixels, down is positive */
export function wheelFactor(deltaY: number): number {
  // A mouse turns by a hundred at once, two fingers by a few at a time.
  return Math.exp(-Math.max(-100, Math.min(100, deltaY)) / 400);
}

/**
 * Where to scroll to so that what is at a point of the frame stays there.
 * @param scroll how far is scrolled now
 * @param at place within the frame, in pixels
 * @param factor the new size over the old one
 */
export function scrollAround(scroll: number, at: number, factor: number): number {
  return (scroll + at) * factor - at;
}
