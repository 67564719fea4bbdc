/** What comes from outside has one owner, so that there is one place to look and one to change. */
import type { Import } from "./module_graph.ts";
import type { Use } from "./uses.ts";

/** Files that may use something, each with the reason. Folders end with a slash. */
type Owners = Readonly<Record<string, string>>;

/** Packages and modules of the runtime, by the beginning of what is imported. */
export const PACKAGE_OWNERS: Readonly<Record<string, Owners>> = {
  "node:sqlite": { "lib/db/": "opens, migrates and writes the one database" },
  "node:child_process": {},
  "node:process": { "lib/worker/child/main.ts": "a sign of the end that Deno itself doesn't give" },
  "npm:matrix-js-sdk": { "lib/matrix/": "one file there speaks to a homeserver" },
  "npm:commander": { "lib/cli/": "turns arguments into commands" },
  "npm:@dagrejs/dagre": { "lib/ui/": "lays out graphs, on the server" },
  "npm:esbuild": { "lib/fresh/": "bundles islands" },
  "npm:preact": {
    "lib/ui/": "parts of pages",
    "islands/": "parts that live in the browser",
    "routes/": "pages",
    "lib/fresh/": "draws them",
  },
};

/** What of the global scope, by its name; `Deno.env` includes `Deno.env.get`. */
export const GLOBAL_OWNERS: Readonly<Record<string, Owners>> = {
  "Deno.Command": {
    "lib/worker/spawn.ts": "spawns workers",
    "lib/worker/child/process_group.ts": "spawns tasks within the sandbox",
    "lib/worker/child/keeper.ts": "spawns the helper that keeps them",
    "lib/cli/demo_node.ts": "spawns the node of the demo, which is no worker",
  },
  "Deno.kill": { "lib/worker/spawn.ts": "ends workers that an earlier node left behind" },
  "Deno.env": { "lib/config.ts": "the only reader of the environment" },
  "process.env": {},
  "Deno.exit": {
    "cli.ts": "exit code of a command",
    "lib/cli/system.ts": "ends when nobody reads its output any more",
    "lib/start.ts": "exit code of the node",
    "lib/worker/child/main.ts": "exit code of a worker",
    "lib/worker/child/deno_task_host.ts": "exit code of a task",
  },
  "console": { "lib/fresh/": "an error that no error page took, as upstream does" },
  "Deno.stdout": {
    "lib/cli/system.ts": "the CLI's writer",
    "lib/start_output.ts": "what a starting node says",
    "lib/worker/child/deno_task_host.ts": "a task's output",
  },
  "Deno.stderr": {
    "lib/cli/system.ts": "the CLI's writer",
    "lib/start_output.ts": "what a starting node says",
    "lib/worker/child/deno_task_host.ts": "a task's output",
    "lib/worker/child/diagnostics.ts": "a worker's own remarks",
  },
  "Deno.writeTextFileSync": {
    "lib/db/backup.ts": "the place of a copy",
    "lib/homeserver_workers.ts": "a token for a worker elsewhere",
    "lib/owner_token.ts": "the owner's token",
    "lib/start.ts": "where the node is reached",
    "lib/worker/cgroups.ts": "control groups are files",
    "lib/worker/child/": "what a task is given, and what it says",
    "lib/write_config_schema.ts": "the schema of the settings",
  },
  "Deno.writeFileSync": {},
  "Deno.writeTextFile": {},
  "Deno.writeFile": { "lib/fresh/": "bundled islands" },
  "Deno.serve": { "lib/start.ts": "the node's one server", "lib/fresh/": "`app.listen`" },
  "Deno.dlopen": {},
  "Deno.openKv": {},
};

/** Packages that a whole folder owns and that one file of it uses. */
const ONE_FILE = ["npm:matrix-js-sdk"];

/** Imports of packages by files that don't own them. */
export function packageProblems(imports: readonly Import[]): string[] {
  const doubled = ONE_FILE.flatMap((name) => {
    const users = new Set(
      imports.filter(({ to }) => isOf(npmName(to), name)).map(({ from }) => from),
    );
    return users.size > 1 ? [`${[...users].join(" and ")} import ${name}: one file does`] : [];
  });
  const foreign = imports.flatMap(({ from, to }) =>
    Object.entries(PACKAGE_OWNERS).flatMap(([name, owners]) => {
      if (!isOf(npmName(to), name) || isOwner(from, owners)) return [];
      return [`${from} imports ${to}: ${ruleOf(name, owners)}`];
    })
  );
  return [...doubled, ...foreign];
}

/** `npm:/preact@^10` is another way to write `npm:preact@^10`. */
function npmName(to: string): string {
  return to.replace(/^npm:\//, "npm:");
}

/** Uses of globals by files that don't own them. */
export function globalProblems(uses: readonly Use[]): string[] {
  return uses.flatMap(({ path, what, line }) =>
    Object.entries(GLOBAL_OWNERS).flatMap(([name, owners]) => {
      // The bare object may be anything of it: `const { env } = Deno`.
      const means = what === name || what.startsWith(`${name}.`) || what === name.split(".")[0];
      if (!means || isOwner(path, owners)) return [];
      return [`${path}:${line} uses ${what}: ${ruleOf(name, owners)}`];
    })
  );
}

/** `npm:preact` is `npm:preact@^10` and `npm:preact@^10/hooks`, but not `npm:preact-render-to-string`. */
function isOf(to: string, name: string): boolean {
  return to === name || to.startsWith(`${name}@`) || (name.endsWith("/") && to.startsWith(name));
}

function isOwner(path: string, owners: Owners): boolean {
  return Object.keys(owners).some((owner) =>
    owner.endsWith("/") ? path.startsWith(owner) : path === owner
  );
}

function ruleOf(name: string, owners: Owners): string {
  const list = Object.entries(owners).map(([owner, why]) => `${owner} (${why})`);
  return list.length === 0 ? `nothing uses ${name}` : `${name} belongs to ${list.join(", ")}`;
}
