/** Who confirms in Chinese reads in Chinese what tasks may touch, whatever the node has to say. */
import assert from "node:assert/strict";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import type { Policy } from "../../lib/schema/policy.ts";
import { zhPermission, zhScopeSource } from "../../lib/ui/words/zh_permissions.ts";
import { describePermissions } from "../../lib/worker/describe_permissions.ts";
import type { MachineWalls } from "../../lib/worker/walls.ts";
import { groundWith, WORKSPACE } from "../worker/scope_ground.ts";

const WALLS: MachineWalls = { bubblewrap: "/usr/bin/bwrap", reason: null };
const NO_WALLS: MachineWalls = { bubblewrap: null, reason: null };

function sentences(
  tasks: readonly Record<string, unknown>[],
  { walls = WALLS, rules = {} }: { walls?: MachineWalls; rules?: Partial<Policy> } = {},
): string[] {
  const parsed = parseSpecDocument({ dag_id: "proj-abc-x", tasks });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return describePermissions(parsed.spec, groundWith(rules), walls).summary.map(zhPermission);
}

/** Words of English in a sentence, without names of tasks, programs, places and hosts. */
function english(sentence: string): string[] {
  const known = /\b(?:bubblewrap|Deno|deno|http|shell|abc|t\d+|example\.org|NPM_TOKEN)\b/g;
  return sentence.replaceAll(WORKSPACE, "").replaceAll(/\/[\w./-]+/g, "").replaceAll(known, "")
    .match(/[A-Za-z]{3,}/g) ?? [];
}

const SHELL = { id: "t1", type: "shell", command: "make", secrets: ["NPM_TOKEN"] };
const DENO = {
  id: "t2",
  type: "deno",
  script: "export default () => 1",
  permissions: { net: ["example.org"], run: ["/usr/bin/git"], read: ["."], write: [] },
};
const HTTP = { id: "t3", type: "http", request: { url: "https://example.org" } };

Deno.test("every sentence about what tasks may touch is said in Chinese", () => {
  const many = Array.from({ length: 12 }, (_, at) => ({ ...SHELL, id: `t${at + 10}` }));
  const cases = [
    sentences([SHELL, DENO, HTTP]),
    sentences([SHELL, DENO], { walls: NO_WALLS }),
    sentences([SHELL], { rules: { isolation: "none" } }),
    sentences([{ ...SHELL, permissions: { net: ["example.org"] } }, HTTP]),
    sentences([DENO, { ...DENO, id: "t4" }], { rules: { cpu: 2, run: ["/usr/bin/git"] } }),
    sentences(many),
  ];
  for (const sentence of cases.flat()) {
    assert.match(sentence, /\p{Script=Han}/u);
    assert.deepEqual(english(sentence).filter((word) => !/^(MiB|GiB)$/.test(word)), [], sentence);
  }
  const all = cases.flat().join("\n");
  assert.ok(all.includes("t1 可访问：无") && all.includes("得到机密 NPM_TOKEN：t1"));
  assert.ok(all.includes("命令以本用户的权限运行，没有隔离"));
});

Deno.test("a sentence that isn't known is said as it is", () => {
  assert.equal(zhPermission("may fly: to the moon"), "may fly: to the moon");
});

Deno.test("why a DAG has its scope is said in Chinese, with the scope", () => {
  for (const source of ["spec", "dag_id_prefix", "default", "task_env:PROJECT_ID"]) {
    const said = zhScopeSource(source, "project:abc");
    assert.match(said, /\p{Script=Han}/u);
    assert.ok(said.includes("project:abc"), said);
  }
  assert.ok(zhScopeSource("task_env:PROJECT_ID", "project:abc").includes("PROJECT_ID"));
});
