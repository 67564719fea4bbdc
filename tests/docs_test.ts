/** What the documentation lists, held against the code that it lists. */
import assert from "node:assert/strict";
import { ConfigFile } from "../lib/config.ts";
import { ERRORS } from "../lib/errors.ts";
import { LinkEvent, NodeFrame, WorkerFrame } from "../lib/schema/link_frames.ts";
import { NODE_EVENT_CONTENTS, NODE_INFO, NODE_MEMBER } from "../lib/schema/node_events.ts";
import { ROOM_EVENT_CONTENTS } from "../lib/schema/room_events.ts";
import { parseSpecText } from "../lib/schema/parse_spec.ts";
import { BUILTIN_POLICY } from "../lib/worker/builtin_policy.ts";
import { ROLES } from "../lib/schema/roles.ts";

const ROOT = new URL("../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function filesUnder(folder: string, suffix: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}${name}`;
    if (isDirectory) return filesUnder(`${path}/`, suffix);
    return name.endsWith(suffix) ? [path] : [];
  });
}

const METHODS = /^ {2}(GET|POST|PUT|PATCH|DELETE)\b/gm;

/** Every `METHOD /address` that the route files answer, as `docs/api.md` writes it. */
function endpoints(): string[] {
  const files = [
    ...["routes/health.ts", "routes/ready.ts", "routes/metrics.ts"],
    ...filesUnder("routes/api/v1/", ".ts"),
  ];
  return files.filter((file) => !/\/_|\/\[\.\.\./.test(file)).flatMap((file) => {
    const address = file.replace(/^routes/, "").replace(/(\/index)?\.ts$/, "")
      .replaceAll("[", "{").replaceAll("]", "}");
    const methods = [...read(file).matchAll(METHODS)].map(([, method]) => `${method} ${address}`);
    assert.ok(methods.length > 0, `${file} answers no method that this test can find`);
    return methods;
  }).sort();
}

Deno.test("docs/api.md lists every endpoint, and none that isn't there", () => {
  const rows = [...read("docs/api.md").matchAll(/^\| ([A-Z]+) `(\/[^`]*)` \| (.*?) \|/gm)];
  assert.deepEqual(rows.map(([, method, address]) => `${method} ${address}`).sort(), endpoints());
});

Deno.test("docs/api.md names the role that each endpoint asks for", () => {
  const page = read("docs/api.md");
  const rows = [...page.matchAll(/^\| [A-Z]+ `(\/api\/v1\/[^`]*)` \| `([a-z]+)` \|/gm)];
  for (const [, address = "", role = ""] of rows) {
    const path = `routes${address.replaceAll("{", "[").replaceAll("}", "]")}`;
    const code = [`${path}.ts`, `${path}/index.ts`].map(readIfThere).join("");
    // Endpoints that act on runs and workers have their role where these are made.
    const made = /\b(runAction|decisionAction)\(/.test(code)
      ? "approver"
      : /\bworkerAction\(/.test(code)
      ? "admin"
      : "";
    assert.ok(code.includes(`"${role}"`) || made === role, `${address} isn't for the role ${role}`);
  }
  for (const role of ROLES) assert.ok(page.includes(`\n| \`${role}\` | `), role);
});

function readIfThere(path: string): string {
  try {
    return read(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

Deno.test("docs/api.md has every error code with its status and title", () => {
  const rows = [...read("docs/api.md").matchAll(/^\| `([a-z_]+)` \| (\d{3}) \| (.*?) \| .+ \|$/gm)];
  const listed = rows.map(([, code, status, title]) => [code, { status: Number(status), title }]);
  assert.deepEqual(Object.fromEntries(listed), ERRORS);
});

Deno.test("docs/operations.md has every setting with its default", () => {
  const rows = [
    ...read("docs/operations.md").matchAll(/^\| `([a-z_]+)` \| .*? \| (.*?) \| .+ \|$/gm),
  ];
  const defaults = new Map(rows.map(([, name = "", value = ""]) => [name, value]));
  assert.deepEqual([...defaults.keys()].sort(), Object.keys(ConfigFile.shape).sort());
  for (const [name, value] of Object.entries(ConfigFile.parse({}))) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    assert.equal(defaults.get(name)?.replaceAll("`", ""), text, name);
  }
});

Deno.test("docs/policy-and-sandbox.md has every rule of a policy with what is built in", () => {
  const page = read("docs/policy-and-sandbox.md");
  const [table = ""] = /\| rule \| built in[^]*?\n\n/.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| `([a-z_]+)` \| (.*?) \| .+ \|$/gm)];
  const told = new Map(rows.map(([, name = "", value = ""]) => [name, value]));
  assert.deepEqual([...told.keys()].sort(), Object.keys(BUILTIN_POLICY).sort());
  for (const [name, value] of Object.entries(BUILTIN_POLICY)) {
    const text = name === "env"
      ? "see below"
      : name === "task_types"
      ? "all"
      : JSON.stringify(value);
    assert.equal(told.get(name)?.replaceAll("`", ""), text, name);
  }
  const [, names = ""] = /`env` is by default `([A-Z_\s]+)`/.exec(page) ?? [];
  assert.deepEqual(names.split(/\s+/), BUILTIN_POLICY.env);
});

Deno.test("docs/operations.md has every metric", () => {
  const names = [...read("lib/api/metrics.ts").matchAll(/(?:gauge|counter)\(\s*"([a-z_]+)"/g)].map((
    [, name],
  ) => name);
  assert.ok(names.length > 0);
  const rows = [...read("docs/operations.md").matchAll(/^\| `(cis_[a-z_]+)[`{]/gm)];
  assert.deepEqual(rows.map(([, name]) => name).sort(), names.sort());
});

Deno.test("docs/matrix.md has every event of the rooms and every frame", () => {
  const page = read("docs/matrix.md");
  const rows = [...page.matchAll(/^\| `(io\.cis\.[a-z.]+)` \|/gm)].map(([, type]) => type);
  const types = [ROOM_EVENT_CONTENTS, NODE_EVENT_CONTENTS].flatMap((all) => Object.keys(all));
  assert.deepEqual(rows.sort(), [...types, NODE_INFO, NODE_MEMBER].sort());
  for (const { shape } of [...WorkerFrame.options, ...NodeFrame.options]) {
    const { op, ...fields } = shape;
    const text = [...op.values][0] + (Object.keys(fields).length === 0 ? "" : " {");
    assert.ok(page.includes(`\`${text}`), text);
    for (const field of Object.keys(fields)) assert.ok(page.includes(field), field);
  }
  for (const field of Object.keys(LinkEvent.shape)) assert.ok(page.includes(field), field);
});

Deno.test("docs/dependencies.md has every package that deno.json asks for", () => {
  const page = read("docs/dependencies.md");
  for (const file of ["deno.json", "lib/fresh/deno.json"]) {
    const { imports } = JSON.parse(read(file)) as { imports: Record<string, string> };
    for (const name of Object.keys(imports)) assert.ok(page.includes(`\`${name}\``), name);
  }
});

Deno.test("links between the pages lead somewhere", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...filesUnder("docs/", ".md"),
  ];
  const broken = pages.flatMap((page) =>
    linksOf(page).filter((link) => !leadsSomewhere(page, link))
  );
  assert.deepEqual(broken, []);
});

function linksOf(page: string): string[] {
  return [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link)
    .filter((link) => !/^https?:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? new URL(page, ROOT) : new URL(path, new URL(page, ROOT));
  try {
    Deno.statSync(target);
  } catch {
    // Not there, which is what this looks for.
    return false;
  }
  return anchor === undefined || headings(Deno.readTextFileSync(target)).includes(anchor);
}

/** The anchors of a page's headings, as code hosts make them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

Deno.test("the README's examples of a DAG are accepted", () => {
  const [, body = ""] = /-d '(\{[^']*\})'/.exec(read("README.md")) ?? [];
  const parsed = parseSpecText(body);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  assert.deepEqual(parsed.warnings, []);
  assert.equal(parsed.spec.tasks.length, 2);
});
