/** `deno task secret …`: values that tasks get and nobody sees. */
import type { Command } from "commander";
import { dataOf } from "../api/client.ts";
import type { SecretView } from "../schema/secret.ts";
import type { Bind, CliContext } from "./context.ts";
import { EXIT } from "./exit_code.ts";
import { agoText } from "./time_text.ts";
import { UsageError } from "./usage_error.ts";

/** Adds `secret` and its commands. */
export function addSecretCommands(program: Command, bind: Bind): void {
  const secret = program.command("secret").description("Manage secrets of tasks");
  secret.command("set <name>").description("Set a secret to what is typed, or to stdin")
    .option("--scope <scope>", "only for tasks of this scope, e.g. project:abc")
    .action(bind(setSecret));
  secret.command("list").description("All secrets, without their values")
    .action(bind(listSecrets));
  secret.command("remove <name>").description("Remove a secret")
    .option("--scope <scope>", "the one of this scope")
    .action(bind(removeSecret));
}

/** Flags of `secret set` and `secret remove`. */
export interface SecretFlags {
  readonly scope?: string;
}

/**
 * Sets a secret. Its value is never an argument: others could read it from the list of processes.
 * @throws {UsageError} without a value
 */
export async function setSecret(
  context: CliContext,
  name: string,
  { scope }: SecretFlags,
): Promise<number> {
  const { client, out } = context;
  const text = await context.readSecret(`Value of ${name}: `);
  // As the shell's $(…) does, for `echo value | …` and for files.
  const value = text?.replace(/\r?\n$/, "") ?? "";
  if (value === "") {
    throw new UsageError("No value was given", "Type it, or pipe it in: … secret set NAME < file");
  }
  const answer = dataOf(await client.secrets.set(name, { value, scope }));
  if (out.json) out.document(answer);
  else out.line(`The secret ${name} is set for ${whereText(answer)}.`);
  return EXIT.done;
}

export async function listSecrets({ client, out, now }: CliContext): Promise<number> {
  const page = dataOf(await client.secrets.list());
  if (out.json) out.document(page);
  else if (page.secrets.length === 0) out.note("No secrets.");
  else {
    const rows = page.secrets.map((secret) => [
      secret.name,
      secret.scope ?? "every",
      agoText(secret.updated_at, now()),
    ]);
    out.table(["SECRET", "SCOPE", "SET"], rows);
  }
  return EXIT.done;
}

export async function removeSecret(
  { client, out }: CliContext,
  name: string,
  { scope }: SecretFlags,
): Promise<number> {
  const answer = dataOf(await client.secrets.remove(name, { scope }));
  if (out.json) out.document(answer);
  else out.line(`The secret ${name} is gone for ${whereText(answer)}.`);
  return EXIT.done;
}

function whereText({ scope }: SecretView): string {
  return scope ?? "every scope";
}
