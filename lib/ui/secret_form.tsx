import type { JSX } from "preact";
import { FormField, TextField } from "./form_field.tsx";
import { useWords } from "./words/words.ts";

/** What of a form is shown again when it could not be used: never the value. */
export interface SecretFields {
  readonly name: string;
  readonly scope: string;
}

/** The form that sets a secret. */
export function SecretForm({ fields }: { fields: SecretFields }): JSX.Element {
  const { secrets: words } = useWords();
  return (
    <form method="post" action="/settings/secrets" class="stacked card">
      <TextField
        id="name"
        label={words.name}
        hint={words.nameHint}
        value={fields.name}
        maxLength={128}
        isRequired
      />
      <TextField id="scope" label={words.scope} hint={words.scopeHint} value={fields.scope} />
      <FormField id="value" label={words.value} hint={words.valueHint}>
        <textarea
          id="value"
          name="value"
          class="mono"
          rows={3}
          required
          autocomplete="off"
          spellcheck={false}
          aria-describedby="value-hint"
        />
      </FormField>
      <button type="submit" class="button-good">{words.setButton}</button>
    </form>
  );
}
