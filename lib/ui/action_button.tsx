import type { JSX } from "preact";

/** A form of one button that changes something. */
export function ActionButton({ action, label, about, bad, quiet }: {
  action: string;
  label: string;
  about: string;
  bad?: boolean;
  /** One of many, which must not shout. */
  quiet?: boolean;
}): JSX.Element {
  const look = bad ? "button-bad" : quiet ? "button-quiet" : undefined;
  return (
    <form method="post" action={action}>
      <button type="submit" class={look}>
        {label}
        <span class="visually-hidden">{about}</span>
      </button>
    </form>
  );
}
