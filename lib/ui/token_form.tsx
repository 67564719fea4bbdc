import type { JSX } from "preact";
import { ROLES } from "../schema/roles.ts";
import { TextField } from "./form_field.tsx";
import { useWords } from "./words/words.ts";

/** What was entered, to be shown again when it could not be used. */
export interface TokenFields {
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: string;
  readonly expires_in: string;
}

/** An empty form; who makes a token without thinking of its end makes one that has one. */
export const NEW_TOKEN: TokenFields = {
  name: "",
  roles: ["viewer"],
  scopes: "",
  expires_in: "90d",
};

/** The form that makes a token. */
export function TokenForm({ fields, attempt }: {
  fields: TokenFields;
  /** Name of this change, so that a form that is sent twice makes one token. */
  attempt: string;
}): JSX.Element {
  const { tokens: words } = useWords();
  return (
    <form method="post" action="/settings/tokens" class="stacked card">
      <input type="hidden" name="attempt" value={attempt} />
      <TextField
        id="name"
        label={words.name}
        hint={words.nameHint}
        value={fields.name}
        maxLength={100}
        isRequired
      />
      <fieldset>
        <legend>{words.roles}</legend>
        {ROLES.map((role) => (
          <label key={role} class="choice">
            <input
              type="checkbox"
              name="role"
              value={role}
              checked={fields.roles.includes(role)}
            />
            <span>
              <code>{role}</code> <span class="quiet">{words.roleHints[role]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <TextField id="scopes" label={words.scopes} hint={words.scopesHint} value={fields.scopes} />
      <TextField
        id="expires_in"
        label={words.endsIn}
        hint={words.endsInHint}
        value={fields.expires_in}
      />
      <button type="submit" class="button-good">{words.make}</button>
    </form>
  );
}
