import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildProject, type Project, withProject } from "./project.ts";

const FILES = {
  "deno.json": "{}",
  "islands/Zed.tsx": `import { useState } from "preact/hooks";
    import { useSignal } from "@preact/signals";
    import { z } from "zod";
    import type { Shape } from "../shape.ts";
    import { shapeName } from "../shape.ts";
    import { IS_BROWSER } from "fresh/runtime";
    const Name = z.string();
    export default function Zed({ shape }: { shape: Shape }) {
      const [n] = useState(1);
      const s = useSignal(2);
      return <p>{Name.parse(shapeName(shape))} {n} {s} {IS_BROWSER ? "browser" : "server"}</p>;
    }`,
  "islands/Plain.tsx": `export default () => <p>plain island text</p>;`,
  "shape.ts": `export interface Shape { name: string }
    export const shapeName = ({ name }: Shape): string => name;`,
  "routes/index.tsx": `import Zed from "../islands/Zed.tsx";
    export default () => <Zed shape={{ name: "square" }}/>;`,
  "routes/still.tsx": `export default () => <p>still</p>;`,
};

const PREACT_MARK = "getDerivedStateFromError";

async function marksInPreact(): Promise<number> {
  const file = new URL("./preact.module.js", import.meta.resolve("preact"));
  return (await Deno.readTextFile(file)).split(PREACT_MARK).length - 1;
}

function setUp(app: App<unknown>): void {
  app.use(staticFiles()).fsRoutes();
}

/** The addresses that a page's boot script imports. */
function imports(html: string): string[] {
  return [...html.matchAll(/from"([^"]+\.js)"/g)].map(([, address = ""]) => address);
}

/** Every bundle file reachable from `addresses`, by name. */
async function download({ ask }: Project, addresses: string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const queue = [...addresses];
  for (let address = queue.pop(); address !== undefined; address = queue.pop()) {
    const name = address.slice(address.lastIndexOf("/") + 1);
    if (files.has(name)) continue;
    const response = await ask(address);
    equal(response.status, 200, address);
    equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
    const code = await response.text();
    files.set(name, code);
    const folder = address.slice(0, address.lastIndexOf("/"));
    for (const [, chunk] of code.matchAll(/from\s*"\.\/([^"]+)"/g)) {
      queue.push(`${folder}/${chunk}`);
    }
  }
  return files;
}

Deno.test("island bundles are made on demand, split, minified and cached for ever", async () => {
  await withProject(FILES, async (project) => {
    const html = await project.text("/");
    match(html, /<p>square 1 2 server<\/p>/);
    const addresses = imports(html);
    deepEqual(addresses.map((address) => address.split("/").at(-1)), [
      "fresh-runtime.js",
      "Zed.js",
    ]);
    const files = await download(project, addresses);
    const all = [...files.values()].join("\n");
    ok([...files.keys()].some((name) => /^chunk-[A-Z0-9]{8}\.js$/.test(name)), "a shared chunk");
    ok(!all.includes("plain island text"), "only the islands on the page are sent");
    ok(!/from\s*"(?:preact|zod|npm:|fresh)/.test(all), "nothing is left for the browser to find");
    // A name that the library's core mentions in one place only.
    equal(all.split(PREACT_MARK).length - 1, await marksInPreact(), "one copy of Preact");

    const response = await project.ask(addresses[1] ?? "");
    equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
    const etag = response.headers.get("etag") ?? "";
    ok(!(await response.text()).includes("shapeName"), "minified");
    const again = await project.ask(addresses[1] ?? "", { headers: { "if-none-match": etag } });
    deepEqual([again.status, await again.text()], [304, ""]);
    for (const wrong of ["/_fresh/js/0/Zed.js", "/_fresh/js/", (addresses[1] ?? "") + ".map"]) {
      equal((await project.ask(wrong)).status, 404, wrong);
    }
  }, { setUp });
});

Deno.test("the build id changes with every source and static file, and with nothing else", async () => {
  await withProject({ ...FILES, "static/a.css": "a" }, async ({ root, text }) => {
    const idNow = async (): Promise<string> => {
      const project = await buildProject(root, { setUp });
      return /_fresh\/js\/([0-9a-f]{16})\//.exec(await project.text("/"))?.[1] ?? "none";
    };
    const first = /_fresh\/js\/([0-9a-f]{16})\//.exec(await text("/"))?.[1] ?? "none";
    equal(await idNow(), first);
    await Deno.utime(join(root, "shape.ts"), new Date(), new Date());
    equal(await idNow(), first, "the same content is the same build");
    const seen = new Set([first]);
    for (const file of ["shape.ts", "static/a.css", "deno.json"]) {
      const path = join(root, file);
      await Deno.writeTextFile(path, `${await Deno.readTextFile(path)}\n`);
      seen.add(await idNow());
    }
    equal(seen.size, 4);
  }, { setUp });
});

Deno.test("snapshot disk writes the bundles, and a later start reads them", async () => {
  await withProject(FILES, async (written) => {
    const addresses = imports(await written.text("/"));
    const file = join(written.root, "_fresh/static", addresses[1] ?? "");
    equal(await written.text(addresses[1] ?? ""), await Deno.readTextFile(file));

    await Deno.writeTextFile(file, "// from disk");
    const later = await buildProject(written.root, { setUp });
    deepEqual(imports(await later.text("/")), addresses);
    equal(await later.text(addresses[1] ?? ""), "// from disk");

    await Deno.writeTextFile(
      join(written.root, "shape.ts"),
      "export const shapeName = () => 'new';",
    );
    await buildProject(written.root, { setUp, snapshot: "disk" });
    const folders = [...Deno.readDirSync(join(written.root, "_fresh/static/_fresh/js"))];
    equal(folders.length, 1, "older builds are removed");
    notEqual(addresses[1]?.includes(folders[0]?.name ?? ""), true);
  }, { setUp, snapshot: "disk" });
});

Deno.test("a bundle that can't be made names the file, and is tried again", async () => {
  const broken = `export default () =>
    <button type="button" onClick={() => import("./missing.ts")}>x</button>;`;
  const route = `import Broken from "../islands/Broken.tsx"; export default () => <Broken/>;`;
  await withProject({
    "islands/Broken.tsx": broken,
    "routes/index.tsx": route,
    "routes/_error.ts":
      `export const handler = ({ error }) => new Response(error.message, { status: 500 });`,
  }, async (project) => {
    const address = imports(await project.text("/"))[1] ?? "";
    const failed = await project.ask(address);
    equal(failed.status, 500);
    match(await failed.text(), /Broken\.tsx:2:.*Could not resolve "\.\/missing\.ts"/s);
    await Deno.writeTextFile(join(project.root, "islands/missing.ts"), "export {};");
    equal((await project.ask(address)).status, 200);
  }, { setUp });
});

Deno.test("development bundles are readable and not cached", async () => {
  await withProject(FILES, async (project) => {
    const address = imports(await project.text("/"))[1] ?? "";
    const response = await project.ask(address);
    equal(response.headers.get("cache-control"), "no-cache");
    match(await response.text(), /\n {2}.*shapeName/);
  }, { setUp, mode: "development" });
});

Deno.test("registerIsland takes files from elsewhere, and folders can be named", async () => {
  await withProject({
    "elsewhere/Far.tsx": `export default () => <p>far</p>;`,
    "pages/index.tsx": `import Far from "../elsewhere/Far.tsx"; export default () => <Far/>;`,
    "public/a.txt": "a",
    "generated/a.txt": "shadowed",
    "generated/b.txt": "b",
  }, async ({ root }) => {
    const builder = new Builder({
      root: pathToFileURL(root).href,
      routeDir: "pages",
      staticDir: ["public", join(root, "generated")],
    });
    builder.registerIsland(pathToFileURL(join(root, "elsewhere/Far.tsx")).href);
    const app = new App().use(staticFiles()).fsRoutes();
    (await builder.build({ snapshot: "memory" }))(app);
    const handler = app.handler();
    const text = async (path: string): Promise<string> =>
      await (await handler(new Request(`http://localhost${path}`))).text();
    deepEqual(imports(await text("/")).map((address) => address.split("/").at(-1)), [
      "fresh-runtime.js",
      "Far.js",
    ]);
    deepEqual([await text("/a.txt"), await text("/b.txt")], ["a", "b"]);
  });
});

Deno.test("a route file that doesn't compile is reported at start when it must be read then", async () => {
  await rejects(
    withProject({ "routes/_middleware.ts": "export default (" }, () => Promise.resolve()),
    /_middleware\.ts/,
  );
});

Deno.test("listen() serves the imported app for development", async () => {
  await withProject(
    { "routes/index.ts": `export const handler = () => new Response("up");` },
    async ({ root }) => {
      const app = new App().use(staticFiles()).fsRoutes();
      const address = Promise.withResolvers<Deno.NetAddr>();
      const stop = new AbortController();
      const served = new Builder({ root }).listen(() => Promise.resolve({ app }), {
        hostname: "127.0.0.1",
        port: 0,
        signal: stop.signal,
        onListen: (at) => address.resolve(at),
      });
      const { port } = await address.promise;
      equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "up");
      equal(app.config.mode, "development");
      stop.abort();
      await served;
    },
  );
});

Deno.test("bundling leaves no process behind that would keep the server alive", async () => {
  await withProject({
    ...FILES,
    "main.ts": `
      import { App, staticFiles } from "fresh";
      import { Builder } from "fresh/dev";
      const app = new App().use(staticFiles()).fsRoutes();
      (await new Builder({ root: import.meta.dirname }).build({ snapshot: "memory" }))(app);
      const ask = async (path) => await (await app.handler()(new Request("http://localhost" + path))).text();
      const address = /from"([^"]+Zed.js)"/.exec(await ask("/"))[1];
      console.log((await ask(address)).length > 0 ? "bundled" : "empty");`,
  }, async ({ root }) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", "deno.json", join(root, "main.ts")],
      cwd: new URL("../..", import.meta.url),
      signal: AbortSignal.timeout(30_000),
    }).output();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    deepEqual([code, decode(stdout).trim()], [0, "bundled"], decode(stderr));
  });
});
