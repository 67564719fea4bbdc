import type { ComponentChildren, JSX } from "preact";

/** What a notice is about: something went well, needs care, or went wrong. */
export type NoticeKind = "good" | "warning" | "bad";

/** A message at the top of a page. */
export function Notice(
  { kind, title, code, isCalm, children }: {
    kind: NoticeKind;
    title: string;
    /** Code of the problem that it tells of. */
    code?: string;
    /** Whether it changes so often that it must not interrupt who can't see it. */
    isCalm?: boolean;
    children?: ComponentChildren;
  },
): JSX.Element {
  return (
    <div
      class={`notice notice-${kind}`}
      role={kind === "good" || isCalm ? "status" : "alert"}
      data-code={code}
    >
      <strong>{title}</strong>
      {children}
    </div>
  );
}
