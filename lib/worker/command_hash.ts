/** Tells whether a worker would be started differently today than it was. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../schema/canonical_json.ts";
import type { WorkerCommand } from "./worker_command.ts";

/**
 * Hash of all that a command says, but for what each life of a worker has of its own.
 * @param options `secrets`: whether the values of secrets count, or only their names. With values
 * the hash must not be stored: short ones could be guessed from it.
 */
export function commandHash(command: WorkerCommand, options: { secrets: boolean }): string {
  const { instance: _instance, secret: _secret, secrets, ...bootstrap } = command.bootstrap;
  const { argv, env, cwd } = command;
  const counted = options.secrets ? secrets : Object.keys(secrets).sort();
  const text = canonicalJson({ argv, env, cwd, bootstrap, secrets: counted });
  return createHash("sha256").update(text).digest("hex");
}
