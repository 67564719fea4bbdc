import { App } from "fresh";
import { Builder } from "fresh/dev";
import { dirname, join } from "node:path";

export type Handler = ReturnType<App<unknown>["handler"]>;

/** A Fresh project in a temporary folder, and an app made from it. */
export interface Project {
  root: string;
  app: App<unknown>;
  /** Sends a request to the app; `path` starts with a slash. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The body of a GET as text. */
  text(path: string): Promise<string>;
}

interface ProjectOptions {
  mode?: "development" | "production";
  snapshot?: "memory" | "disk";
  basePath?: string;
  /** Registers things on the app; by default `fsRoutes()` alone. */
  setUp?: (app: App<unknown>) => void;
}

/** Writes `files` (path → text) to a temporary project, builds it and removes it afterwards. */
export async function withProject(
  files: Record<string, string>,
  use: (project: Project) => Promise<void>,
  options: ProjectOptions = {},
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "fresh-test-" }));
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    await use(await buildProject(root, options));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Builds the project in `root` as a server does at its start. */
export async function buildProject(root: string, options: ProjectOptions = {}): Promise<Project> {
  const app = new App<unknown>({ basePath: options.basePath });
  const setUp = options.setUp ?? ((app) => app.fsRoutes());
  setUp(app);
  const { mode, snapshot = "memory" } = options;
  const applySnapshot = await new Builder({ root }).build({ mode, snapshot });
  applySnapshot(app);
  const handler = app.handler();
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    handler(new Request(`http://localhost${path}`, init));
  return { root, app, ask, text: async (path) => await (await ask(path)).text() };
}
