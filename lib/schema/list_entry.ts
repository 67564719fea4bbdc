import { customIssue, NonBlank } from "./checked.ts";
import { quote } from "./quote.ts";

/**
 * A path, program or variable in a list of permissions. Without commas: Deno's flags are lists with
 * commas, and would take it for two.
 */
export const ListEntry = NonBlank.superRefine((text, context) => {
  if (!text.includes(",")) return;
  const message = `${quote(text)} has a comma, which can't be granted; use another name`;
  context.issues.push(customIssue(text, "bad_value", message));
}).meta({ minLength: 1 });
