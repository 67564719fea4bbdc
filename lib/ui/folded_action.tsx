import type { ComponentChildren, JSX } from "preact";

/** A change that can't be undone: its button is behind a second click, without a script. */
export function FoldedAction({ action, label, about, hint, children }: {
  action: string;
  label: string;
  about: string;
  /** What it does, read before the button is. */
  hint: string;
  /** Hidden fields of the form. */
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <details class="folded">
      <summary>
        {label}…<span class="visually-hidden">{about}</span>
      </summary>
      <form method="post" action={action}>
        {children}
        <p class="remark">{hint}</p>
        <button type="submit" class="button-bad">
          {label}
          <span class="visually-hidden">{about}</span>
        </button>
      </form>
    </details>
  );
}
