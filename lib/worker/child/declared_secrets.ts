/** The secrets that a task declares, or why it can't have them. */
import { type Attempt, TaskError } from "./attempt.ts";

/** Their values by name. @throws {TaskError} `unknown_secret` naming those that aren't there */
export function declaredSecrets(
  { task, surroundings }: {
    readonly task: Pick<Attempt["task"], "secrets">;
    readonly surroundings: Pick<Attempt["surroundings"], "secrets">;
  },
): Record<string, string> {
  const found: [name: string, value: string][] = [];
  const missing: string[] = [];
  for (const name of task.secrets) {
    const value = surroundings.secrets.get(name);
    if (value === undefined) missing.push(name);
    else found.push([name, value]);
  }
  if (missing.length > 0) throw unknown(missing);
  return Object.fromEntries(found);
}

function unknown(names: readonly string[]): TaskError {
  const list = names.map((name) => `"${name}"`).join(", ");
  const secrets = names.length > 1 ? "secrets" : "secret";
  return new TaskError(
    "unknown_secret",
    `the task declares the ${secrets} ${list}, which this scope doesn't have: set with ` +
      `"deno task secret set ${names[0]}", then retry the run`,
  );
}
