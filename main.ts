/**
 * The composition root. Run directly it starts a node; imported it gives the application: `app`
 * for a host that serves it, `createApp` for a given node.
 * @module
 */
import { fileURLToPath } from "node:url";
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import type { Handle } from "./lib/api/client_for.ts";
import { compressFiles } from "./lib/api/compress_files.ts";
import type { State } from "./lib/api/state.ts";
import { loadNodeConfig } from "./lib/config.ts";
import { createNode, type Node } from "./lib/node.ts";

/** API and dashboard, for the node that `nodeOf` gives. */
function defineApp(nodeOf: () => Node): App<State> {
  const created = new App<State>();
  let handler: Handle | undefined;
  const handle: Handle = (request, info) => (handler ??= created.handler())(request, info);
  return created
    .use((ctx) => {
      ctx.state.node = nodeOf();
      ctx.state.handle = handle;
      return ctx.next();
    })
    .use(compressFiles)
    .use(staticFiles())
    .fsRoutes();
}

let ownNode: Node | undefined;

/** The application with a node of its own, made from the settings at the first request. */
export const app: App<State> = defineApp(() => {
  if (ownNode === undefined) {
    const node = createNode(loadNodeConfig());
    void node.start().catch((error) => node.report(`the node could not start: ${String(error)}`));
    ownNode = node;
  }
  return ownNode;
});

/** The application of a node, with its routes and islands loaded. */
export async function createApp(node: Node): Promise<App<State>> {
  const created = defineApp(() => node);
  const root = fileURLToPath(new URL(".", import.meta.url));
  const applySnapshot = await new Builder({ root }).build({
    mode: "production",
    snapshot: "memory",
  });
  applySnapshot(created);
  return created;
}

if (import.meta.main) {
  const { startFromCommandLine } = await import("./lib/start.ts");
  await startFromCommandLine(Deno.args, createApp);
}
