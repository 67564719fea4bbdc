/**
 * The node's settings: flag > environment > `cis.config.json` > default (contract §6).
 * The only reader of the environment.
 * @module
 */
import { hostname } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { NodeId } from "./schema/ids.ts";
import { findJsonSyntaxError } from "./schema/json_syntax.ts";

const Count = z.int().min(1);

/** What `cis.config.json` may hold; every key may be left out. */
export const ConfigFile = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: z.int().min(0).max(65535).default(6767),
  data_dir: z.string().min(1).default(".cis"),
  node_id: NodeId.optional(),
  /** Address under which people reach the node, when it isn't `http://host:port`. */
  public_url: z.url({ protocol: /^https?$/ }).optional(),
  /** Further Host header names to accept, for a node behind a proxy. */
  allowed_hosts: z.array(z.string().min(1)).default([]),
  /** How long a published version waits, in seconds. */
  confirm_expire_sec: z.number().positive().default(300),
  /** How long the decision about a task waits whose level has no timeout, in seconds. */
  decision_expire_sec: z.number().positive().default(24 * 60 * 60),
  /** Nobody confirms what they published. */
  separation_of_duties: z.boolean().default(false),
  max_body_bytes: Count.default(1024 * 1024),
  max_tasks: Count.default(10_000),
  /** Directory where a scope's tasks work, by scope key (`project:abc`). Others: in `data_dir`. */
  workspaces: z.record(z.string(), z.string().min(1)).default({}),
  /** Tasks that one worker runs at once. */
  max_concurrent_tasks: Count.default(8),
  /** Longest output of one attempt in bytes. */
  max_output_bytes: Count.default(10 * 1024 * 1024),
  heartbeat_ms: Count.default(5_000),
  /** How long a worker lives on without its node. */
  orphan_grace_ms: z.int().min(0).default(60_000),
  /** How long a restarted node waits for a worker of its predecessor to come back. */
  reconnect_grace_ms: z.int().min(0).default(10_000),
  /** How long a worker may take to say that it is ready. */
  ready_timeout_ms: Count.default(15_000),
  /** Crashes in a row after which a worker is not started again by itself. */
  restart_limit: z.int().min(0).default(5),
  /** How long a worker that is told to stop may go on with what it does. */
  stop_grace_ms: z.int().min(0).default(10_000),
  /** How long a worker without work is kept, in milliseconds. */
  idle_exit_ms: Count.default(15 * 60_000),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** The settings as the node uses them. */
export interface Config extends Omit<ConfigFile, "node_id"> {
  readonly node_id: string;
  /** Absolute. */
  readonly data_dir: string;
}

/** Flags of `deno task start`; each may be absent. */
export interface ConfigFlags {
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly nodeId?: string;
  readonly config?: string;
}

/** Settings that can't be used; the message names each problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the settings.
 * @throws {ConfigError} naming every problem with where the value came from
 */
export function loadConfig(flags: ConfigFlags = {}): Config {
  const path = flags.config ?? Deno.env.get("CIS_CONFIG");
  const file = readConfigFile(path ?? "cis.config.json", path !== undefined);
  const given = {
    ...file,
    ...defined({
      host: flags.host ?? Deno.env.get("CIS_HOST"),
      port: portNumber(flags.port ?? Deno.env.get("CIS_PORT")),
      data_dir: flags.dataDir ?? Deno.env.get("CIS_DATA_DIR"),
      node_id: flags.nodeId ?? Deno.env.get("CIS_NODE_ID"),
    }),
  };
  const parsed = ConfigFile.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) =>
      `${issue.path.join(".") || "settings"}: ${issue.message}`
    );
    throw new ConfigError(`the settings have problems: ${problems.join("; ")}`);
  }
  return {
    ...parsed.data,
    node_id: parsed.data.node_id ?? defaultNodeId(),
    data_dir: resolve(parsed.data.data_dir),
    workspaces: Object.fromEntries(
      Object.entries(parsed.data.workspaces).map(([scope, dir]) => [scope, resolve(dir)]),
    ),
  };
}

/** What the CLI needs to find the node. Undefined where it isn't set. */
export function clientSettings(): { url?: string; token?: string; dataDir: string } {
  return {
    ...defined({ url: Deno.env.get("CIS_URL"), token: Deno.env.get("CIS_TOKEN") }),
    dataDir: resolve(loadConfig().data_dir),
  };
}

/** Variables of the node's environment that workers get by default, where they are set. */
export function inheritedEnv(names: readonly string[]): Record<string, string> {
  return defined(Object.fromEntries(names.map((name) => [name, Deno.env.get(name)])));
}

/** Where Deno keeps what it has compiled: a worker without it would compile again at each start. */
export function denoDir(): string | undefined {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") ??
    (home === undefined ? undefined : `${home}/.cache`);
  return Deno.env.get("DENO_DIR") ?? (cache === undefined ? undefined : `${cache}/deno`);
}

/** Whether the environment asks for plain output (https://no-color.org). */
export function noColor(): boolean {
  return (Deno.env.get("NO_COLOR") ?? "") !== "";
}

function readConfigFile(path: string, mustExist: boolean): Record<string, unknown> {
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

function portNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) {
    throw new ConfigError(`the port must be a number from 0 to 65535, not "${text}"`);
  }
  return Number(text);
}

/** The machine's name as far as it fits the form of a node id. */
function defaultNodeId(): string {
  const name = hostname().replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 64);
  return name === "" ? "node1" : name;
}

function defined<V>(values: Record<string, V | undefined>): Record<string, V> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined),
  );
}
