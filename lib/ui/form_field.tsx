import type { ComponentChildren, JSX } from "preact";

/** A field of a form with its label above and what to enter below. */
export function FormField({ id, label, hint, children }: {
  /** Of the control; its `aria-describedby` is this with `-hint` behind. */
  id: string;
  label: string;
  hint: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      <p id={`${id}-hint`} class="remark">{hint}</p>
    </div>
  );
}

/** A field for one line of text. */
export function TextField({ id, label, hint, value, isRequired, maxLength }: {
  /** Id and name of the control. */
  id: string;
  label: string;
  hint: string;
  value: string;
  isRequired?: boolean;
  maxLength?: number;
}): JSX.Element {
  return (
    <FormField id={id} label={label} hint={hint}>
      <input
        id={id}
        name={id}
        type="text"
        value={value}
        required={isRequired}
        maxLength={maxLength}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-describedby={`${id}-hint`}
      />
    </FormField>
  );
}
