/** Warns of `http` tasks whose placeholders and declared secrets don't go together. */
import type { DagSpec } from "./dag_spec.ts";
import { quote } from "./quote.ts";
import { placeholdersOf } from "./secret_placeholder.ts";
import { formatPath, type Warning } from "./spec_problem.ts";

/**
 * A placeholder without its secret is sent as it is written, and a secret without its place isn't sent.
 * One warning for each name, at the first task.
 */
export function requestSecrets(spec: DagSpec): Warning[] {
  const warnings = new Map<string, Warning>();
  const warn = (name: string, warning: Warning): void => {
    const key = `${warning.code} ${name}`;
    if (!warnings.has(key)) warnings.set(key, warning);
  };
  for (const [index, task] of spec.tasks.entries()) {
    if (task.type !== "http") continue;
    const places = placeholdersOf(task.request);
    for (const name of places) {
      if (task.secrets.includes(name)) continue;
      warn(name, {
        path: formatPath(["tasks", index, "request"]),
        code: "undeclared_secret",
        message: `\${${name}} is sent as it is written; to send the secret of that name, list ` +
          `${quote(name)} in secrets`,
      });
    }
    for (const [at, name] of task.secrets.entries()) {
      if (places.has(name)) continue;
      warn(name, {
        path: formatPath(["tasks", index, "secrets", at]),
        code: "unused_secret",
        message: `the request has no place for it: write \${${name}} in a header or in the body`,
      });
    }
  }
  return [...warnings.values()];
}
