/** Tells whether a worker would be started differently today than it was. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../schema/canonical_json.ts";
import type { WorkerCommand } from "./worker_command.ts";

/**
 * Hash of all that a command says, but for what each life of a worker has of its own and for secrets:
 * a worker gets those anew whenever they change.
 */
export function commandHash({ argv, env, cwd, bootstrap }: WorkerCommand): string {
  const { instance: _instance, secret: _secret, secrets: _secrets, ...rest } = bootstrap;
  const text = canonicalJson({ argv, env, cwd, bootstrap: rest });
  return createHash("sha256").update(text).digest("hex");
}
