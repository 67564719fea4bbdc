/** A node with its pages in a temporary directory, used as a browser without a network would. */
import { join } from "node:path";
import { createApp } from "../../../main.ts";
import { ConfigFile } from "../../../lib/config.ts";
import { createNode, type Node } from "../../../lib/node.ts";
import type { PublishAnswer } from "../../../lib/schema/api.ts";
import type { Role } from "../../../lib/schema/roles.ts";

/** Where the pages seem to be. */
export const ORIGIN = "http://127.0.0.1:6767";

export interface Site {
  readonly node: Node;
  /** Asks for a page; nothing is followed. */
  get(path: string, cookie?: string, init?: RequestInit): Promise<Response>;
  /** Sends a form as the site's own page would, or with the headers given. */
  post(
    path: string,
    fields: Record<string, string>,
    options?: { cookie?: string; headers?: Record<string, string> },
  ): Promise<Response>;
  /** A new token. */
  token(roles: Role[], scopes?: string[]): Promise<string>;
  /** Signs in with a new token. @returns the cookie to send */
  signIn(roles: Role[], scopes?: string[]): Promise<string>;
  publish(spec: unknown): Promise<PublishAnswer>;
}

/** Runs `use` with a site and clears it away. */
export async function withSite(
  use: (site: Site) => Promise<void>,
  settings: Record<string, unknown> = {},
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-site-" });
  const config = ConfigFile.parse({
    node_id: "n1",
    data_dir: join(dir, "data"),
    // Nobody listens there: a worker that is started finds no node, ends, and is started again, so
    // that runs stay as they are while a test looks at them.
    port: 1,
    orphan_grace_ms: 0,
    stop_grace_ms: 1_000,
    restart_limit: 1_000,
    ...settings,
  });
  await Deno.mkdir(config.data_dir);
  const node = createNode({ ...config, node_id: "n1" });
  try {
    await node.start();
    const app = await createApp(node);
    await use(makeSite(node, app.handler()));
  } finally {
    await node.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

function makeSite(node: Node, handle: (request: Request) => Promise<Response>): Site {
  const ask = (path: string, init: RequestInit, cookie?: string): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("host", new URL(ORIGIN).host);
    if (cookie !== undefined) headers.set("cookie", cookie);
    return handle(new Request(ORIGIN + path, { ...init, headers }));
  };
  const site: Site = {
    node,
    get: (path, cookie, init = {}) => ask(path, init, cookie),
    post: (path, fields, { cookie, headers = { origin: ORIGIN } } = {}) =>
      ask(path, { method: "POST", body: new URLSearchParams(fields), headers }, cookie),
    token: async (roles, scopes) => {
      const made = await node.db.write((tx) =>
        node.tokens.create(tx, {
          name: roles.join(" and "),
          roles,
          scopes: scopes ?? null,
          createdBy: null,
        })
      );
      return made.token;
    },
    signIn: async (roles, scopes) => {
      const token = await site.token(roles, scopes);
      const response = await site.post("/sign-in", { token });
      return cookieOf(response);
    },
    publish: async (spec) => {
      const token = await site.token(["publisher"]);
      const response = await ask("/api/v1/dag/publish", {
        method: "POST",
        body: JSON.stringify(spec),
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      });
      if (!response.ok) throw new Error(`not published: ${await response.text()}`);
      return await response.json();
    },
  };
  return site;
}

/** The cookie that a response sets, as a browser sends it back. */
export function cookieOf(response: Response): string {
  const header = response.headers.get("set-cookie");
  if (header === null) throw new Error(`no cookie in the answer with status ${response.status}`);
  return header.split(";")[0] ?? "";
}

/** A page as it would be if the parts of code had no colours. */
export function withoutColours(html: string): string {
  return html.replaceAll(/<span +class="code-[a-z]+">([^<]*)<\/span>/g, "$1");
}

/** A small DAG. */
export function dag(id: string, command = "echo hello"): Record<string, unknown> {
  return { dag_id: id, tasks: [{ id: "greet", type: "shell", command }] };
}
