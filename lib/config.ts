/**
 * The node's settings: flag > environment > `cis.config.json` > default (contract §6).
 * The only reader of the environment.
 * @module
 */
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { RESERVED_ENV_PREFIX } from "./schema/environment.ts";
import { quote } from "./schema/quote.ts";
import { ConfigError, ConfigFile, parseConfig, readConfigFile } from "./config_file.ts";

export { ConfigError, ConfigFile };

/** The settings as the node uses them. */
export interface Config extends Omit<ConfigFile, "node_id"> {
  readonly node_id: string;
  /** Absolute. */
  readonly data_dir: string;
  /** The file that it was read from; absent in tests that need none. */
  readonly source?: ConfigSource;
}

/** Where settings come from. */
export interface ConfigSource {
  /** Absolute. */
  readonly path: string;
  /** Whether the file has to be there, since somebody named it. */
  readonly mustExist: boolean;
  /** What the file held, with defaults, before flags and environment. */
  readonly settings: ConfigFile;
}

/** Flags of `deno task start`; each may be absent. */
export interface ConfigFlags {
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly nodeId?: string;
  readonly config?: string;
}

/**
 * Reads the settings.
 * @throws {ConfigError} naming every problem with where the value came from
 */
export function loadConfig(flags: ConfigFlags = {}): Config {
  const named = flags.config ?? Deno.env.get("CIS_CONFIG");
  const path = resolve(named ?? "cis.config.json");
  const mustExist = named !== undefined;
  const file = readConfigFile(path, { mustExist });
  const parsed = parseConfig({
    ...file,
    ...defined({
      host: flags.host ?? Deno.env.get("CIS_HOST"),
      port: portNumber(flags.port ?? Deno.env.get("CIS_PORT")),
      data_dir: flags.dataDir ?? Deno.env.get("CIS_DATA_DIR"),
      node_id: flags.nodeId ?? Deno.env.get("CIS_NODE_ID"),
      matrix: withHomeserver(file.matrix, Deno.env.get("CIS_HOMESERVER")),
    }),
  });
  return {
    ...parsed,
    node_id: parsed.node_id ?? defaultNodeId(),
    data_dir: resolve(parsed.data_dir),
    nodes: Object.fromEntries(
      Object.entries(parsed.nodes).map(([id, { url, token_file }]) => [
        id,
        { url, token_file: resolve(token_file) },
      ]),
    ),
    workspaces: Object.fromEntries(
      Object.entries(parsed.workspaces).map(([scope, dir]) => [scope, resolve(dir)]),
    ),
    source: { path, mustExist, settings: parseConfig(file) },
  };
}

/**
 * Reads the settings of a node that is about to start.
 * @throws {ConfigError} also for a directory that permissions can't name: no worker could be started
 */
export function loadNodeConfig(flags: ConfigFlags = {}): Config {
  const config = loadConfig(flags);
  const directories: [path: string, directory: string][] = [
    ["data_dir", config.data_dir],
    ...Object.entries(config.workspaces).map(([scope, directory]): [string, string] => [
      `workspaces[${quote(scope)}]`,
      directory,
    ]),
  ];
  const problems = directories.filter(([, directory]) => directory.includes(","))
    .map(([path, directory]) => ({
      path,
      message: `${directory} has a comma, which Deno's permissions can't name; ` +
        "choose another directory",
    }));
  if (problems.length === 0) return config;
  const told = problems.map(({ path, message }) => `${path}: ${message}`);
  throw new ConfigError(`the settings have problems: ${told.join("; ")}`, problems);
}

/** Where copies of a node's database are put. */
export function backupDirectory({ data_dir }: Pick<Config, "data_dir">): string {
  return join(data_dir, "backups");
}

/** What the CLI needs to find the node. Undefined where it isn't set. */
export function clientSettings(): { url?: string; token?: string; dataDir: string } {
  return {
    ...defined({ url: Deno.env.get("CIS_URL"), token: Deno.env.get("CIS_TOKEN") }),
    dataDir: resolve(loadConfig().data_dir),
  };
}

/**
 * Variables of the node's environment, where they are set; all but the system's own for `true`,
 * which may hold a token (`CIS_TOKEN`).
 */
export function inheritedEnv(names: true | readonly string[]): Record<string, string> {
  if (names === true) {
    const all = Object.entries(Deno.env.toObject());
    return Object.fromEntries(all.filter(([name]) => !name.startsWith(RESERVED_ENV_PREFIX)));
  }
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

/** The settings of the homeserver, at the address that the environment names. */
function withHomeserver(settings: unknown, homeserver: string | undefined): unknown {
  if (homeserver === undefined) return settings;
  return typeof settings === "object" ? { ...settings, homeserver } : { homeserver };
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
