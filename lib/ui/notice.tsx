import type { ComponentChildren, JSX } from "preact";

/** What a notice is about: something went well, needs care, or went wrong. */
export type NoticeKind = "good" | "warning" | "bad";

/** A message at the top of a page. */
export function Notice(
  { kind, title, children }: { kind: NoticeKind; title: string; children?: ComponentChildren },
): JSX.Element {
  return (
    <div class={`notice notice-${kind}`} role={kind === "good" ? "status" : "alert"}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}
