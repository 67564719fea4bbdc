/** A node within the test's own process: a data directory that goes away, requests without a port. */
import { join } from "node:path";
import { createApp } from "../../main.ts";
import { type Config, ConfigFile } from "../../lib/config.ts";
import { createNode, type Node, type NodeOptions } from "../../lib/node.ts";
import { MachineMeans } from "../../lib/worker/machine_means.ts";
import type { ConfirmAnswer, PublishAnswer, RunView } from "../../lib/schema/api.ts";
import type { Role } from "../../lib/schema/roles.ts";
import { isFinalRun } from "../../lib/schema/states.ts";
import { within } from "./deadline.ts";

/** A request as tests write it: a path, and what differs from a GET. */
export interface TestRequest extends Omit<RequestInit, "body"> {
  /** Objects are sent as JSON. */
  readonly body?: BodyInit | object;
  /** null: without a token. */
  readonly token?: string | null;
}
export type TestFetch = (path: string, init?: TestRequest) => Promise<Response>;

/** What a test gets to work with. */
export interface TestNode {
  readonly node: Node;
  readonly dataDir: string;
  /** Sends a request to the application; with the owner's token unless told otherwise. */
  readonly fetch: TestFetch;
  /** The owner's token, of the role admin. */
  readonly token: string;
  /** Lines that the node reported. */
  readonly reports: string[];
  /** Makes a token. */
  as(roles: readonly Role[], options?: TokenOptions): Promise<string>;
}

export interface TokenOptions {
  readonly scopes?: readonly string[];
  readonly expiresAt?: number;
}

export interface TestNodeOptions extends Pick<NodeOptions, "timer" | "random" | "machine"> {
  readonly config?: Partial<Config>;
  /** A directory that another node had before; it then stays. */
  readonly dataDir?: string;
}

/** The settings of a test's node. Waits are short where a test may have to sit through them. */
export function testConfig(dataDir: string, config: Partial<Config> = {}): Config {
  const usual = ConfigFile.parse({ stop_grace_ms: 500, reconnect_grace_ms: 5_000 });
  return { ...usual, node_id: "node1", data_dir: dataDir, port: 0, ...config };
}

/** Runs `use` with a started node; whatever happens, it is stopped and its directory removed. */
export async function withNode(
  use: (test: TestNode) => Promise<void>,
  options: TestNodeOptions = {},
): Promise<void> {
  const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "cis-test-" });
  try {
    const test = await openTestNode(dataDir, options);
    try {
      await test.node.start();
      await use(test);
    } finally {
      // One that has been served is stopped already.
      if (test.node.isReady) await test.node.stop();
    }
  } finally {
    if (options.dataDir === undefined) await Deno.remove(dataDir, { recursive: true });
  }
}

/** As {@linkcode withNode}, and the node listens on a free port of 127.0.0.1, for workers. */
export async function withServedNode(
  use: (test: TestNode & { readonly url: string }) => Promise<void>,
  options: TestNodeOptions = {},
): Promise<void> {
  await withNode(async (test) => {
    const handler = (await createApp(test.node)).handler();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: options.config?.port ?? 0, onListen: () => {} },
      handler,
    );
    test.node.address = { host: "127.0.0.1", port: server.addr.port };
    try {
      await use({ ...test, url: `http://127.0.0.1:${server.addr.port}` });
    } finally {
      await test.node.stop();
      await within(server.shutdown(), "the server's end");
    }
  }, options);
}

async function openTestNode(
  dataDir: string,
  { config, ...options }: TestNodeOptions,
): Promise<TestNode> {
  const reports: string[] = [];
  const report = (line: string): void => void reports.push(line);
  const node = createNode(testConfig(dataDir, config), {
    // What the machine adds is tested with real node processes; here it would only cost time.
    machine: MachineMeans.none("this node is a test's"),
    ...options,
    report,
  });
  const handle = (await createApp(node)).handler();
  const create = async (roles: readonly Role[], options: TokenOptions = {}): Promise<string> => {
    const made = await node.db.write((tx) =>
      node.tokens.create(tx, { name: roles.join("+"), roles, createdBy: null, ...options })
    );
    return made.token;
  };
  const token = await create(["admin"]);
  return {
    node,
    dataDir,
    token,
    reports,
    as: create,
    fetch: (path, init) => handle(makeRequest(path, { token, ...init })),
  };
}

/** Builds the request that `fetch` sends. */
export function makeRequest(path: string, { body, token, ...init }: TestRequest): Request {
  const headers = new Headers(init.headers);
  if (token !== null && token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (!headers.has("host")) headers.set("host", "127.0.0.1:6767");
  const isData = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array) &&
    !(body instanceof ReadableStream);
  if (isData && !headers.has("content-type")) headers.set("content-type", "application/json");
  return new Request(new URL(path, "http://127.0.0.1:6767"), {
    ...init,
    headers,
    body: isData ? JSON.stringify(body) : body as BodyInit | undefined,
  });
}

/** The id of a token by what it opens. */
export function tokenIdOf(node: Node, token: string): string {
  const principal = node.tokens.verify(token);
  if (principal === undefined) throw new Error("the token is not valid");
  return principal.tokenId;
}

/** Sends JSON and reads JSON; throws with the answer where it isn't a success. */
export async function call<T>(fetch: TestFetch, path: string, init: TestRequest = {}): Promise<T> {
  const response = await fetch(path, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** Publishes a DAG. */
export function publishDag(fetch: TestFetch, doc: object, token?: string): Promise<PublishAnswer> {
  return call(fetch, "/api/v1/dag/publish", { method: "POST", body: doc, ...tokenOf(token) });
}

/** Publishes and confirms a DAG. */
export async function startDag(fetch: TestFetch, doc: object): Promise<ConfirmAnswer> {
  const { dag_id, spec_hash } = await publishDag(fetch, doc);
  return await call(fetch, `/api/v1/dag/${dag_id}/confirm`, {
    method: "POST",
    body: { spec_hash },
  });
}

/** One run as the API shows it. */
export function getRun(fetch: TestFetch, runId: string): Promise<RunView> {
  return call(fetch, `/api/v1/runs/${runId}`);
}

/** Waits until the run has ended. */
export async function runEnded(node: Node, runId: string): Promise<void> {
  await storeShows(node, () => isFinalRun(node.runs.load(runId)?.status ?? "queued"));
}

/** Waits until something is true of the store, looking after each change that is told of. */
export async function storeShows(node: Node, isTrue: () => boolean): Promise<void> {
  let stop = (): void => {};
  const seen = new Promise<void>((resolve) => {
    const look = (): void => {
      if (isTrue()) resolve();
    };
    stop = node.events.subscribe(look);
    look();
  });
  try {
    await within(seen, `waiting for ${isTrue}`);
  } finally {
    stop();
  }
}

/** Where a node keeps its database. */
export function databasePath(dataDir: string): string {
  return join(dataDir, "cis.db");
}

function tokenOf(token: string | undefined): { token?: string } {
  return token === undefined ? {} : { token };
}
