/** `deno task start`: settings, store, server, and a few lines about what it did. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { App } from "fresh";
import { baseUrl } from "./api/dag_views.ts";
import type { State } from "./api/state.ts";
import { backupDirectory, type Config, type ConfigFlags, loadNodeConfig } from "./config.ts";
import { watchConfig } from "./config_watch.ts";
import { DataDirInUseError } from "./data_dir_lock.ts";
import { removeUnfinishedCopies } from "./db/backup.ts";
import { databaseAdvice, isDatabaseError } from "./db/database_error.ts";
import { createNode, type Node } from "./node.ts";
import { attendPeople } from "./people/people.ts";
import { attendNodes } from "./peers/attend_nodes.ts";
import { Handovers } from "./peers/handovers.ts";
import { type Owner, ownerToken } from "./owner_token.ts";
import { createOutput, type Output } from "./start_output.ts";
import { VERSION } from "./version.ts";

const HELP = `Starts the node: API, dashboard, scheduler and workers.

Usage: deno task start [options]

  --host <name>      address to listen on (127.0.0.1)
  --port <number>    port to listen on (6767); 0 takes a free one
  --data-dir <dir>   where everything is kept (.cis)
  --node-id <id>     this node's name (the machine's)
  --config <file>    settings file (cis.config.json)
  --help, --version
`;

/** Something that stops the start and that its message says enough about. */
class StartError extends Error {}

/** How long answers that are under way may take when the node ends. Streams have no end. */
const LAST_ANSWERS_MS = 1_000;

/** Starts a node as the command line says and runs it until a signal ends it. */
export async function startFromCommandLine(
  args: readonly string[],
  createApp: (node: Node) => Promise<App<State>>,
): Promise<void> {
  const output = createOutput();
  try {
    const flags = parseFlags(args, output);
    if (flags === undefined) return;
    await run(loadNodeConfig(flags), { output, createApp });
  } catch (error) {
    output.error(`cannot start: ${describe(error)}`);
    Deno.exit(1);
  }
}

function parseFlags(args: readonly string[], output: Output): ConfigFlags | undefined {
  const option = { type: "string" } as const;
  const options = {
    host: option,
    port: option,
    "data-dir": option,
    "node-id": option,
    config: option,
    help: { type: "boolean", short: "h" },
    version: { type: "boolean" },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help === true) output.line(HELP);
    if (values.version === true) output.line(VERSION);
    if (values.help === true || values.version === true) return undefined;
    return {
      host: values.host,
      port: values.port,
      dataDir: values["data-dir"],
      nodeId: values["node-id"],
      config: values.config,
    };
  } catch (error) {
    output.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    Deno.exit(2);
  }
}

async function run(
  config: Config,
  { output, createApp }: { output: Output; createApp: (node: Node) => Promise<App<State>> },
): Promise<void> {
  prepareDataDir(config.data_dir);
  const node = openNode(config, output);
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    const handler = (await createApp(node)).handler();
    server = listen(config, handler);
  } catch (error) {
    node.db.close();
    throw error;
  }
  node.address = { host: config.host, port: server.addr.port };
  // From here on there may be workers: a signal has to end them too, also before "ready".
  const signalled = untilSignal();
  const owner = await takeUp(node);
  const urlFile = join(config.data_dir, "node.url");
  Deno.writeTextFileSync(urlFile, `${baseUrl(node)}\n`);
  const stopWatching = watchPolicy(node);
  announce(node, { output, owner });
  await signalled;
  stopWatching();
  output.line("stopping: workers finish what they can");
  await end(node, { server, urlFile });
}

/** Takes up what an earlier life left. */
async function takeUp(node: Node): Promise<Owner> {
  try {
    const owner = await ownerToken(node);
    removeUnfinishedCopies(backupDirectory(node.config));
    // Before the rooms are followed: what is said while nobody listens would be passed over.
    attendPeople(node);
    await attendNodes(node);
    await node.start();
    new Handovers(node).start();
    return owner;
  } catch (error) {
    throw isDatabaseError(error) ? unusable(node.config, error) : error;
  }
}

/** Ends all that was started, and the process: followers' streams would keep it for ever. */
async function end(
  node: Node,
  { server, urlFile }: { server: Deno.HttpServer<Deno.NetAddr>; urlFile: string },
): Promise<never> {
  try {
    Deno.removeSync(urlFile);
  } catch {
    // It is gone already; nobody can be led here by it.
  }
  await node.stop();
  const late = Promise.withResolvers<void>();
  setTimeout(late.resolve, LAST_ANSWERS_MS);
  await Promise.race([server.shutdown(), late.promise]);
  Deno.exit(0);
}

function prepareDataDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const probe = join(dir, ".writable");
    Deno.writeTextFileSync(probe, "");
    Deno.removeSync(probe);
  } catch (error) {
    throw new StartError(
      `the data directory ${dir} can't be written to (${describe(error)}); ` +
        "make it writable or name another with --data-dir",
    );
  }
}

function openNode(config: Config, output: Output): Node {
  try {
    return createNode(config, { report: (line) => output.error(line) });
  } catch (error) {
    throw error instanceof DataDirInUseError ? error : unusable(config, error);
  }
}

/** What a database that can't be used is refused with. */
function unusable(config: Config, error: unknown): StartError {
  const advice = databaseAdvice(error);
  return new StartError(
    `the database ${join(config.data_dir, "cis.db")} can't be used: ${describe(error)}` +
      (advice === undefined ? "" : `; ${advice}`),
  );
}

function listen(
  config: Config,
  handler: (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  const { host: hostname, port } = config;
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new StartError(
        `port ${port} on ${hostname} is in use, perhaps by another node; ` +
          "stop that one, or choose a port with --port",
      );
    }
    throw new StartError(`can't listen on ${hostname}:${port}: ${describe(error)}`);
  }
}

/** Reads the policy again whenever the settings file changes. @returns how to stop it */
function watchPolicy(node: Node): () => void {
  const { source } = node.config;
  if (source === undefined) return () => {};
  return watchConfig(source.path, {
    onChange: () => {
      node.policyReload.reload()
        .catch((error) => node.report(`the policy could not be read again: ${describe(error)}`));
    },
    onFailure: (reason) =>
      node.report(
        `the settings file ${source.path} can't be watched (${reason}); ` +
          "send SIGHUP to this process after a change of its policy",
      ),
  });
}

function announce(
  node: Node,
  { output, owner }: { output: Output; owner: Owner },
): void {
  const url = baseUrl(node);
  const link = `${url}/sign-in?ticket=${node.sessions.createLink(owner.tokenId)}`;
  output.line(
    `node ${node.config.node_id}, version ${VERSION}, keeps everything in ${node.config.data_dir}`,
  );
  if (owner.isNew) output.line(`the owner's token is in ${owner.path} (only you can read it)`);
  output.line(`sign in, once, within 15 minutes: ${link}`);
  output.line(`ready on ${url}`);
}

/** Waits for the first SIGINT or SIGTERM; a second one ends the process at once. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) Deno.exit(130);
      asked = true;
      resolve();
    };
    Deno.addSignalListener("SIGINT", onSignal);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onSignal);
  });
}

/** An error in one line. */
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
}
