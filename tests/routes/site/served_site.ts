/** A node that listens, with its pages and real workers, for a browser. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { createApp } from "../../../main.ts";
import { ConfigFile } from "../../../lib/config.ts";
import { createNode, type Node } from "../../../lib/node.ts";
import { type CuttableProxy, openProxy } from "../../helpers/cuttable_proxy.ts";

/** A node that listens, and a token for it. */
export interface Served {
  readonly node: Node;
  /** Its address for a browser; every connection goes through `proxy`. */
  readonly url: string;
  readonly token: string;
  readonly proxy: CuttableProxy;
  /** Where the tasks of DAGs of the scope "global" work. */
  readonly workspace: string;
  /** A sign-in link, as the node prints it. */
  link(): string;
  publish(spec: unknown): Promise<void>;
  /** Signs `page` in by a link. */
  signIn(page: Page): Promise<void>;
  /** Publishes and confirms. @returns the path of the run's page */
  run(spec: { dag_id: string }): Promise<string>;
}

/** Runs `use` with a node and clears it away. */
export async function withServer(use: (served: Served) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "cis-browser-" });
  const workspace = join(dir, "workspace");
  const config = {
    ...ConfigFile.parse({ port: 0, workspaces: { global: workspace } }),
    data_dir: join(dir, "data"),
    node_id: "n1",
  };
  await Deno.mkdir(config.data_dir);
  await Deno.mkdir(workspace);
  const node = createNode(config);
  const handler = (await createApp(node)).handler();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const proxy = openProxy(server.addr.port);
  try {
    node.address = { host: "127.0.0.1", port: server.addr.port };
    await node.start();
    await use(await makeServed(node, { proxy, workspace }));
  } finally {
    await proxy.close();
    await node.stop();
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

async function makeServed(
  node: Node,
  { proxy, workspace }: Pick<Served, "proxy" | "workspace">,
): Promise<Served> {
  const { token, view } = await node.db.write((tx) =>
    node.tokens.create(tx, { name: "owner", roles: ["admin"], createdBy: null })
  );
  const url = `http://127.0.0.1:${proxy.port}`;
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  };
  const link = (): string => `${url}/sign-in?ticket=${node.sessions.createLink(view.token_id)}`;
  return {
    node,
    url,
    token,
    proxy,
    workspace,
    link,
    publish: async (spec) => void await post("/api/v1/dag/publish", spec),
    signIn: async (page) => {
      await page.goto(link());
      await page.waitForURL(`${url}/`);
    },
    run: async (spec) => {
      await post("/api/v1/dag/publish", spec);
      const { run_id } = await post(`/api/v1/dag/${spec.dag_id}/confirm`, {});
      return `/runs/${run_id}`;
    },
  };
}
