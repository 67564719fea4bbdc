import type { ComponentChildren, JSX } from "preact";

/** Names and values beside each other. */
export function Facts({ children }: { children: ComponentChildren }): JSX.Element {
  return <dl class="facts">{children}</dl>;
}

/** One fact; nothing at all where there is no value. */
export function Fact(
  { name, children }: { name: string; children: ComponentChildren },
): JSX.Element | null {
  if (children === undefined || children === null || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
