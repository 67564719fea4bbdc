/**
 * Pages and islands use what Fresh 2.3 documents and nothing else, so that they run on upstream as
 * well. The lists are those of https://fresh.deno.dev/docs/advanced/api-reference and of the pages
 * on the context.
 */
import assert from "node:assert/strict";
import { readSources, type Source } from "../architecture/module_graph.ts";

/** What the documentation names, by entry point. */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  "fresh": [
    ...["App", "staticFiles", "createDefine", "page", "HttpError"],
    ...["cors", "csrf", "csp", "trailingSlashes"],
    ...["Context", "FreshContext", "PageProps", "Middleware", "MiddlewareFn", "HandlerFn"],
    ...["HandlerByMethod", "RouteHandler", "PageResponse", "RouteConfig", "LayoutConfig", "Define"],
    ...["FreshConfig", "ResolvedFreshConfig", "ListenOptions", "Island", "Method", "RouteData"],
    ...["Lazy", "MaybeLazy", "CORSOptions", "CsrfOptions", "CSPOptions"],
  ],
  "fresh/runtime": ["IS_BROWSER", "asset", "assetSrcSet", "Partial", "Head", "HttpError"],
  "fresh/dev": ["Builder", "BuildOptions", "ResolvedBuildConfig"],
};

/** What the documentation names of a context and of a page's props. */
const CONTEXT = [
  ...["req", "url", "params", "state", "config", "info", "error", "isPartial", "route", "data"],
  ...["next", "redirect", "render", "text", "html", "json", "stream", "upgrade", "Component"],
];

interface Found {
  readonly entry: string;
  readonly name: string;
  readonly path: string;
}

/** Every name that a file takes from Fresh; `*` for all at once. */
function namesFromFresh({ path, text }: Source): Found[] {
  const found: Found[] = [];
  const add = (entry: string, name: string): void => {
    if (/^(jsr:)?(@fresh\/core|fresh)(@[^/]*)?(\/|$)/.test(entry)) {
      found.push({ entry, name, path });
    }
  };
  visit(path, text, {
    ImportDeclaration({ source, specifiers }): void {
      if (specifiers.length === 0) add(source.value, "*");
      for (const specifier of specifiers) {
        const isNamed = specifier.type === "ImportSpecifier";
        add(source.value, isNamed && "name" in specifier.imported ? specifier.imported.name : "*");
      }
    },
    ExportNamedDeclaration({ source, specifiers }): void {
      for (const { local } of specifiers) {
        if (source) add(source.value, "name" in local ? local.name : "*");
      }
    },
    ExportAllDeclaration({ source }): void {
      add(source.value, "*");
    },
    ImportExpression({ source }): void {
      if (source.type === "Literal") add(String(source.value), "*");
    },
  });
  return found;
}

/** Every member of `ctx` that a file uses. */
function membersOfContext({ path, text }: Source): string[] {
  const found: string[] = [];
  visit(path, text, {
    MemberExpression({ object, property, computed }): void {
      if (object.type !== "Identifier" || object.name !== "ctx") return;
      found.push(!computed && property.type === "Identifier" ? property.name : "[…]");
    },
  });
  return found;
}

function visit(path: string, text: string, visitor: Deno.lint.LintVisitor): void {
  const plugin = { name: "fresh", rules: { names: { create: () => visitor } } };
  Deno.lint.runPlugin(plugin, path.endsWith("x") ? "source.tsx" : "source.ts", text);
}

function problemsOf(found: readonly Found[]): string[] {
  return found.filter(({ entry, name }) => !DOCUMENTED[entry]?.includes(name))
    .map(({ entry, name, path }) => `${path} takes "${name}" from "${entry}"`);
}

const sources = readSources().filter(({ path }) => !path.startsWith("lib/fresh/"));

Deno.test("only documented names are taken from Fresh", () => {
  const found = sources.flatMap(namesFromFresh);
  const names = new Set(found.map(({ entry, name }) => `${entry} ${name}`));
  for (const name of ["App", "createDefine", "page", "HttpError", "staticFiles"]) {
    assert.ok(names.has(`fresh ${name}`), `nothing takes ${name}: is the search broken?`);
  }
  assert.ok(names.has("fresh/dev Builder") && names.has("fresh/runtime Head"));
  assert.deepEqual(problemsOf(found), []);
});

Deno.test("a name that is not documented is found, however it is taken", () => {
  const text = `import { App, setSnapshot as set } from "fresh";
    import type { UiFrame } from "fresh";
    import * as all from "fresh/runtime";
    export { boot } from "fresh/internal";
    export * from "fresh/dev";
    const later = await import("fresh");
    import "@fresh/core/runtime";
    import { page } from "freshly";`;
  assert.deepEqual(problemsOf(namesFromFresh({ path: "routes/a.ts", text })), [
    'routes/a.ts takes "setSnapshot" from "fresh"',
    'routes/a.ts takes "UiFrame" from "fresh"',
    'routes/a.ts takes "*" from "fresh/runtime"',
    'routes/a.ts takes "boot" from "fresh/internal"',
    'routes/a.ts takes "*" from "fresh/dev"',
    'routes/a.ts takes "*" from "fresh"',
    'routes/a.ts takes "*" from "@fresh/core/runtime"',
  ]);
});

Deno.test("only documented members of a context are used", () => {
  const routes = sources.filter(({ path }) => path.startsWith("routes/"));
  const used = new Set(routes.flatMap(membersOfContext));
  assert.ok(used.has("next") && used.has("state"), "nothing uses ctx.next: is the search broken?");
  assert.deepEqual([...used].filter((name) => !CONTEXT.includes(name)), []);
  const planted = { path: "a.tsx", text: "ctx.render(<p/>); ctx.frame; ctx[x]" };
  assert.deepEqual(membersOfContext(planted), ["render", "frame", "[…]"]);
});

/** Elements without a key, by name; Fresh takes each of these for one of `<head>`, wherever it is. */
function keyless({ path, text }: Source, wanted: readonly string[]): string[] {
  const found: string[] = [];
  visit(path, text, {
    JSXOpeningElement({ name, attributes }): void {
      if (name.type !== "JSXIdentifier" || !wanted.includes(name.name)) return;
      const hasKey = attributes.some((attribute) =>
        attribute.type === "JSXAttribute" && attribute.name.type === "JSXIdentifier" &&
        attribute.name.name === "key"
      );
      if (!hasKey) found.push(`${path} has <${name.name}>`);
    },
  });
  return found;
}

Deno.test("the title of a picture has a key, or upstream would draw the page's title in its place", () => {
  const found = sources.filter(({ path }) => path.endsWith(".tsx") && !path.startsWith("tests/"))
    .flatMap((source) => keyless(source, ["title"]));
  assert.deepEqual(found, ["lib/ui/page_title.tsx has <title>", "routes/_app.tsx has <title>"]);
  const planted = {
    path: "a.tsx",
    text: "<><title key='x'>a</title><svg><title>b</title></svg></>",
  };
  assert.deepEqual(keyless(planted, ["title"]), ["a.tsx has <title>"]);
});

Deno.test("what stands without script is told apart from what stands so in the head", () => {
  const reload = sources.filter(({ path }) => path === "lib/ui/page_reload.tsx");
  assert.equal(reload.length, 1);
  assert.match(reload[0]?.text ?? "", /<Head>[^<]*(?:\{\/\*.*?\*\/\})?\s*<noscript key=/s);
  const inHeads = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/<Head>(.*?)<\/Head>/gs)].filter(([, inner]) =>
      /<noscript>/.test(inner ?? "")
    )
      .map(() => path)
  );
  assert.deepEqual(inHeads, []);
});

Deno.test("the stand-in offers nothing that is not documented", async () => {
  const offered = {
    "fresh": await import("fresh"),
    "fresh/runtime": await import("fresh/runtime"),
    "fresh/dev": await import("fresh/dev"),
  };
  for (const [entry, module] of Object.entries(offered)) {
    const beyond = Object.keys(module).filter((name) => !DOCUMENTED[entry]?.includes(name));
    assert.deepEqual(beyond, [], entry);
  }
});

Deno.test("islands are named as Fresh asks for", () => {
  const names = sources.filter(({ path }) => /^islands\/|\/\(_islands\)\//.test(path))
    .map(({ path }) => path.split("/").at(-1) ?? "");
  assert.ok(names.length > 0);
  const wrong = names.filter((name) =>
    !/^([a-z0-9]+(-[a-z0-9]+)*|([A-Z][a-z0-9]*)+)\.tsx$/.test(name)
  );
  assert.deepEqual(wrong, [], "PascalCase or kebab-case");
});
