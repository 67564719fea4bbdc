/** The policy where nobody set another. */
import type { Policy } from "../schema/policy.ts";

/** Variables of the node's environment that tasks get by default, where they are set. */
export const TASK_ENV_NAMES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TERM",
  "DENO_DIR",
  "XDG_CACHE_HOME",
];

/**
 * A policy is a ceiling: what a task gets is what it asks for, as far as this goes, and a person has
 * seen that it asks.
 */
export const BUILTIN_POLICY: Policy = {
  // No task reaches anything unless it asks for it, by an http request or in its permissions.
  net: true,
  // The workspace. More has to be granted by name.
  read: ["."],
  write: ["."],
  // What programs need to find themselves, their user and their language; nothing secret.
  env: [...TASK_ENV_NAMES],
  // Shell tasks are what most DAGs are made of; where there is bubblewrap they are walled in.
  run: ["/bin/sh"],
  deny: {},
  task_types: ["shell", "deno", "http", "skill", "approval", "noop"],
  // Enough for a build, and eight such scopes don't end a machine of 16 GiB.
  memory: "1GiB",
  // The system shares cores fairly by itself.
  cpu: null,
  // Far from what a build starts, and far from what a fork bomb needs to do harm.
  pids: 512,
  disk: "10GiB",
  max_concurrent_tasks: 8,
  // Whatever takes longer than a night's work hangs.
  task_timeout: "6h",
  max_output: "10MiB",
  // Walls where the machine has them, and a word to the person who decides where it hasn't.
  isolation: "auto",
  // A task gets only those that it declares, which the person who decides sees.
  secrets: true,
};
