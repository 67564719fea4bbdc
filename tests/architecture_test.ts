/** The import rules of CONTRIBUTING.md, held against `deno info --json` and the syntax of the files. */
import assert from "node:assert/strict";
import { cycleProblems } from "./architecture/cycles.ts";
import { longFiles, nameProblems, sizeProblems } from "./architecture/file_shape.ts";
import { layerProblems } from "./architecture/layers.ts";
import { type Import, readImports, readSources } from "./architecture/module_graph.ts";
import { globalProblems, packageProblems } from "./architecture/owners.ts";
import { reachProblems } from "./architecture/reach.ts";
import { findUses } from "./architecture/uses.ts";

const sources = readSources();
const imports = await readImports(sources);

/** Fails with one line for each problem: the file, what it does, and the rule. */
function assertNone(problems: readonly string[]): void {
  assert.ok(problems.length === 0, `\n${[...new Set(problems)].join("\n")}`);
}

/** An import as a test plants it. */
function planted(from: string, to: string, more: Partial<Import> = {}): Import {
  return { from, to, specifier: to, isType: false, ...more };
}

Deno.test("the whole project is looked at", () => {
  const paths = new Set(sources.map(({ path }) => path));
  for (const path of ["main.ts", "cli.ts", "lib/node.ts", "routes/_app.tsx", "lib/fresh/mod.ts"]) {
    assert.ok(paths.has(path), path);
  }
  const importing = new Set(imports.map(({ from }) => from));
  assert.ok(importing.has("islands/countdown.tsx") && importing.has("routes/health.ts"));
  assert.ok(imports.some(({ to, isType }) => to === "lib/schema/api.ts" && isType));
});

Deno.test("imports point downwards", () => {
  assertNone(layerProblems(imports));
});

Deno.test("an import that points upwards or sideways is told with file, import and rule", () => {
  const cases: [Import, RegExp][] = [
    [planted("lib/db/a.ts", "lib/api/b.ts"), /point downwards, and lib\/api is above lib\/db/],
    [planted("lib/schema/a.ts", "lib/errors.ts"), /lib\/errors\.ts is above lib\/schema/],
    [planted("lib/scheduler/a.ts", "lib/worker/b.ts"), /don't know each other/],
    [planted("lib/worker/a.ts", "lib/scheduler/b.ts", { isType: true }), /don't know each other/],
    [planted("lib/ui/a.tsx", "islands/b.tsx"), /islands is above lib\/ui/],
    [planted("lib/api/a.ts", "lib/ui/b.ts"), /lib\/ui is above lib\/api/],
    [planted("routes/a.ts", "lib/cli/b.ts"), /don't know each other/],
    [planted("lib/cli/a.ts", "lib/db/b.ts"), /a command talks to the node through/],
    [planted("lib/new_thing/a.ts", "node:path"), /is in no layer/],
    [planted("lib/api/a.ts", "lib/new_thing/b.ts"), /is in no layer/],
    [planted("lib/fresh/a.ts", "lib/errors.ts"), /knows nothing of the project/],
    [
      planted("routes/a.ts", "lib/fresh/mod.ts", { specifier: "../lib/fresh/mod.ts" }),
      /by its name/,
    ],
  ];
  for (const [found, rule] of cases) {
    const [problem = "", ...more] = layerProblems([found]);
    assert.ok(problem.startsWith(`${found.from} imports ${found.to}: `), problem);
    assert.match(problem, rule);
    assert.deepEqual(more, []);
  }
  assert.deepEqual(
    layerProblems([
      planted("lib/skill/a.ts", "lib/scheduler/b.ts"),
      planted("routes/a.tsx", "islands/b.tsx"),
      planted("lib/db/a.ts", "lib/db/b.ts"),
      planted("lib/api/a.ts", "lib/fresh/mod.ts", { specifier: "fresh" }),
    ]),
    [],
  );
});

Deno.test("imports don't go in circles", () => {
  assertNone(cycleProblems(imports));
});

Deno.test("a circle is told with the way round it", () => {
  const circle = [planted("a.ts", "b.ts"), planted("b.ts", "c.ts"), planted("c.ts", "a.ts")];
  assert.deepEqual(cycleProblems([...circle, planted("d.ts", "a.ts")]), [
    "a.ts imports b.ts imports c.ts imports a.ts: imports don't go in circles",
  ]);
  assert.deepEqual(cycleProblems(circle.slice(1)), []);
});

Deno.test("islands, schema and sandbox bring along only what they may", () => {
  assertNone(reachProblems(imports, { uses: findUses(sources) }));
});

Deno.test("what an island brings along over others is told with the way to it", () => {
  const way = [
    planted("islands/a.tsx", "lib/ui/b.tsx"),
    planted("lib/ui/b.tsx", "lib/schema/c.ts"),
  ];
  const uses = [{ path: "lib/schema/c.ts", what: "Deno.readTextFile", line: 3 }];
  const [withZod = ""] = reachProblems([...way, planted("lib/schema/c.ts", "npm:zod@^4.6")], {
    uses: [],
  });
  assert.match(
    withZod,
    /^islands\/a\.tsx imports lib\/ui\/b\.tsx imports lib\/schema\/c\.ts imports npm:zod@\^4\.6: /,
  );
  const [withDeno = ""] = reachProblems(way, { uses });
  assert.match(withDeno, /imports lib\/schema\/c\.ts uses Deno\.readTextFile in line 3: /);
  for (const to of ["lib/api/endpoint.ts", "node:path", "npm:/preact-render-to-string@^6.8"]) {
    assert.equal(reachProblems([planted("islands/a.tsx", to)], { uses: [] }).length, 1, to);
  }
  const type = planted("islands/a.tsx", "lib/api/endpoint.ts", { isType: true });
  assert.deepEqual(reachProblems([type], { uses: [] }), []);
  assert.equal(reachProblems([planted("lib/schema/a.ts", "node:fs")], { uses: [] }).length, 1);
  const child = planted("lib/worker/child/a.ts", "lib/db/database.ts");
  assert.equal(reachProblems([child], { uses: [] }).length, 1);
});

Deno.test("what comes from outside is used by its owner alone", () => {
  assertNone([...packageProblems(imports), ...globalProblems(findUses(sources))]);
});

Deno.test("a use by somebody else is told with its line and the owner", () => {
  const text = `// Deno.kill(1, "SIGKILL") in a comment is none, nor "console.log" in a text
    const { env } = Deno;
    let child: Deno.Command | undefined;
    export const run = (): unknown => new Deno.Command("sh");
    console.log("Deno.env", { Deno: 1 }.Deno, child?.spawn());
    export default process.env;
  `;
  const uses = findUses([{ path: "lib/api/a.ts", text }]);
  assert.deepEqual(uses.map(({ what, line }) => `${line} ${what}`), [
    "2 Deno",
    "4 Deno.Command",
    "5 console",
    "6 process.env",
  ]);
  const problems = globalProblems(uses);
  assert.ok(
    problems.some((problem) =>
      /^lib\/api\/a\.ts:4 uses Deno\.Command: Deno\.Command belongs to lib\/worker\/spawn\.ts/.test(
        problem,
      )
    ),
  );
  assert.ok(
    problems.some((problem) => /:2 uses Deno: Deno\.env belongs to lib\/config/.test(problem)),
  );
  assert.deepEqual(problems.filter((problem) => problem.includes(":3 ")), []);
  for (const to of ["node:sqlite", "npm:matrix-js-sdk@^41", "npm:/commander@^15", "node:process"]) {
    assert.equal(packageProblems([planted("lib/api/a.ts", to)]).length, 1, to);
  }
  assert.deepEqual(packageProblems([planted("lib/db/a.ts", "node:sqlite")]), []);
  const sdk = ["a", "b"].map((name) => planted(`lib/matrix/${name}.ts`, "npm:matrix-js-sdk@^41"));
  assert.deepEqual(packageProblems(sdk.slice(1)), []);
  assert.deepEqual(packageProblems(sdk), [
    "lib/matrix/a.ts and lib/matrix/b.ts import npm:matrix-js-sdk: one file does",
  ]);
});

Deno.test("files are named after what is in them", () => {
  assertNone(nameProblems(sources));
  for (
    const path of ["lib/utils.ts", "lib/api/types.ts", "lib/helpers/a.ts", "routes/common.tsx"]
  ) {
    assert.equal(nameProblems([{ path, text: "" }]).length, 1, path);
  }
  assert.deepEqual(nameProblems([{ path: "lib/fresh/content_type.ts", text: "" }]), []);
});

Deno.test("files stay short, or say why they don't", () => {
  assertNone(sizeProblems(sources));
  // deno-lint-ignore no-console -- exceptions are there to be seen
  console.info(`long files:\n  ${longFiles(sources).join("\n  ")}`);
  const long = { path: "lib/a.ts", text: "\n".repeat(400) + "x" };
  assert.match(sizeProblems([long], {})[0] ?? "", /^lib\/a\.ts has 401 lines: it stays under 350/);
  assert.deepEqual(sizeProblems([long], { "lib/a.ts": "a reason" }), []);
  assert.match(sizeProblems([], { "lib/a.ts": "a reason" })[0] ?? "", /short or gone/);
});
