import type { JSX } from "preact";

/** A form of one button that changes something. */
export function ActionButton(
  { action, label, about, bad }: { action: string; label: string; about: string; bad?: boolean },
): JSX.Element {
  return (
    <form method="post" action={action}>
      <button type="submit" class={bad ? "button-bad" : undefined}>
        {label}
        <span class="visually-hidden">{about}</span>
      </button>
    </form>
  );
}
