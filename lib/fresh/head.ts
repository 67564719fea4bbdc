import type { ComponentChildren } from "preact";

export interface HeadProps {
  children?: ComponentChildren;
}

/**
 * Puts its children into `<head>`. The server moves them while it renders; in the browser
 * there is nothing left to do.
 */
export function Head(_props: HeadProps): ComponentChildren {
  return null;
}
