import type { ComponentChildren, JSX } from "preact";

/** Stands where a list would: what there isn't, and what to do next. */
export function EmptyState(
  { title, children }: { title: string; children: ComponentChildren },
): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}
