/** `cis.config.json`: what it may hold, and how it is read. */
import { z } from "zod";
import { findJsonSyntaxError } from "./schema/json_syntax.ts";
import { GroupName, NodeId } from "./schema/ids.ts";
import { PolicyFile } from "./schema/policy.ts";
import { quote } from "./schema/quote.ts";
import { MatrixSettings } from "./config_matrix.ts";
import { formatPath } from "./schema/spec_problem.ts";

const Count = z.int().min(1);

/** How another node is reached. */
const Peer = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  token_file: z.string().min(1).describe("File with the token that it has given this node."),
});

/** What `cis.config.json` may hold; every key may be left out. */
export const ConfigFile = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: z.int().min(0).max(65535).default(6767).describe("0 takes a free one"),
  data_dir: z.string().min(1).default(".cis").describe("Where everything is kept"),
  node_id: NodeId.optional(),
  public_url: z.url({ protocol: /^https?$/ }).optional().describe(
    "Address under which people reach the node, when it isn't `http://host:port`.",
  ),
  nodes: z.record(NodeId, Peer).default({}).describe(
    "Other nodes that runs may be handed to, by their ids.",
  ),
  matrix: MatrixSettings.optional().describe(
    "A homeserver that rooms of workers are on; without it: all are inside the node.",
  ),
  allowed_hosts: z.array(z.string().min(1)).default([]).describe(
    "Further Host header names to accept, for a node behind a proxy.",
  ),
  retention_days: z.number().positive().optional().describe(
    "Ended runs are kept for so many days; without it: for ever.",
  ),
  keep_runs_per_dag: z.int().min(0).optional().describe(
    "The newest runs of each DAG that are kept whatever their age; without it: no such rule.",
  ),
  confirm_expire_sec: z.number().positive().default(300).describe(
    "How long a published version waits, in seconds.",
  ),
  decision_expire_sec: z.number().positive().default(24 * 60 * 60).describe(
    "How long the decision about a task waits whose level has no timeout, in seconds.",
  ),
  separation_of_duties: z.boolean().default(false).describe("Nobody confirms what they published."),
  max_body_bytes: Count.default(1024 * 1024),
  max_tasks: Count.default(10_000),
  workspaces: z.record(z.string(), z.string().min(1)).default({}).describe(
    "Directory where a scope's tasks work, by scope key (`project:abc`). Others: in `data_dir`.",
  ),
  policy: PolicyFile.default({}).describe(
    "What the tasks of scopes may touch and use. The only setting that is read again while it runs.",
  ),
  bubblewrap: z.string().min(1).nullable().optional().describe(
    "Path of bubblewrap; null: none is used. Without it: where it usually is.",
  ),
  log_retention_days: z.number().positive().nullable().default(30).describe(
    "Output of tasks and workers older than so many days is removed; null: none is.",
  ),
  log_max_bytes: Count.nullable().default(10 * 1024 ** 3).describe(
    "What all output together may take up in bytes; null: whatever it is.",
  ),
  max_running_tasks: Count.optional().describe(
    "Tasks that run at once on the whole node; without it: as many as its workers have slots.",
  ),
  max_running_runs: Count.optional().describe(
    "Runs that are open at once on the node; further ones wait. Without it: no limit.",
  ),
  task_groups: z.record(GroupName, Count).default({}).describe(
    "Most tasks of a group that run at once, over all DAGs.",
  ),
  priority_age_ms: Count.default(60_000).describe(
    "After this wait a run counts as of the next higher priority, in milliseconds.",
  ),
  max_workers: Count.default(32).describe("Worker processes at once."),
  heartbeat_ms: Count.default(5_000),
  hung_after_ms: Count.default(10_000).describe(
    "How long a connected worker may be silent, but three heartbeats at least.",
  ),
  orphan_grace_ms: z.int().min(0).default(60_000).describe(
    "How long a worker lives on without its node.",
  ),
  reconnect_grace_ms: z.int().min(0).default(10_000).describe(
    "How long a restarted node waits for a worker of its predecessor to come back.",
  ),
  ready_timeout_ms: Count.default(15_000).describe(
    "How long a worker may take to say that it is ready.",
  ),
  restart_limit: z.int().min(0).default(5).describe(
    "Crashes in a row after which a worker is not started again by itself.",
  ),
  stop_grace_ms: z.int().min(0).default(10_000).describe(
    "How long a worker that is told to stop may go on with what it does.",
  ),
  idle_exit_ms: Count.default(15 * 60_000).describe(
    "How long a worker without work is kept, in milliseconds.",
  ),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** One thing that is wrong with the settings. */
export interface ConfigProblem {
  /** As in `policy.scopes["project:abc"].net`; empty: the file itself. */
  readonly path: string;
  readonly message: string;
}

/** Settings that can't be used; the message names each problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  /** @param problems each with its path; none when the message says it all */
  constructor(message: string, problems: readonly ConfigProblem[] = [{ path: "", message }]) {
    super(message);
    this.problems = problems;
  }
}

/**
 * Reads the text of a settings file.
 * @returns its object without `$schema`; empty where there is no file and none is needed
 * @throws {ConfigError} when it can't be read or is no JSON object
 */
export function readConfigFile(
  path: string,
  { mustExist }: { readonly mustExist: boolean },
): Record<string, unknown> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && !mustExist) return {};
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`the settings file ${path} can't be read: ${why}`);
  }
  const broken = findJsonSyntaxError(text);
  if (broken !== undefined) {
    const before = text.slice(0, broken.offset).split("\n");
    const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw new ConfigError(
      `the settings file ${path} is not valid JSON: ${where}: ${broken.message}`,
    );
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(`the settings file ${path} must hold a JSON object`);
  }
  const { $schema: _schema, ...settings } = value as Record<string, unknown>;
  return settings;
}

/**
 * Holds settings against what they may be, and fills in the defaults.
 * @throws {ConfigError} naming every problem
 */
export function parseConfig(settings: Readonly<Record<string, unknown>>): ConfigFile {
  const parsed = ConfigFile.safeParse(settings, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue));
  const told = problems.map(({ path, message }) => `${path || "settings"}: ${message}`);
  throw new ConfigError(`the settings have problems: ${told.join("; ")}`, problems);
}

function problemsOf(
  issue: z.core.$ZodIssue,
  above: readonly PropertyKey[] = [],
): ConfigProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: formatPath([...path, key]),
      message: "there is no such setting",
    }));
  }
  if (issue.code === "invalid_key") {
    const message = `${quote(path.at(-1))} ${issue.issues[0]?.message ?? "is no name here"}`;
    return [{ path: formatPath(path), message }];
  }
  if (issue.code === "invalid_union") {
    // Of the forms that a value may have, the one that fits as far as its parts says most.
    const within = issue.errors.find((inner) => inner.every((each) => each.path.length > 0));
    if (within !== undefined) return within.flatMap((inner) => problemsOf(inner, path));
  }
  return [{ path: formatPath(path), message: issue.message }];
}
