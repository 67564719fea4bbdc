import assert from "node:assert/strict";
import type { Policy } from "../../lib/schema/policy.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import { grantFor } from "../../lib/worker/task_grant.ts";
import { specRefusals } from "../../lib/worker/spec_refusals.ts";
import { groundWith, PORT, taskOf } from "./scope_ground.ts";

const WALLS = { bubblewrap: "/usr/bin/bwrap", reason: null };
const NO_WALLS = { bubblewrap: null, reason: "bubblewrap is not there" };

function refusals(
  tasks: Record<string, unknown>[],
  rules: Partial<Policy> = {},
  walls: typeof WALLS | typeof NO_WALLS = WALLS,
): { path: string; code: string; message: string }[] {
  const parsed = parseSpecDocument({
    dag_id: "proj-abc-x",
    tasks: tasks.map((task, index) => ({ id: `t${index}`, ...task })),
  });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return specRefusals(parsed.spec, groundWith(rules), walls);
}

Deno.test("the built-in policy lets usual tasks start", () => {
  const tasks = [
    { command: "make" },
    { script: "1" },
    { request: { url: "https://example.org" } },
    { type: "noop" },
    { command: "curl x", permissions: { net: ["example.org"], read: ["."], run: ["curl"] } },
    { command: "x", resources: { memory: "1GiB", cpu: 64 }, secrets: ["TOKEN"] },
  ];
  assert.deepEqual(refusals(tasks), []);
});

Deno.test("all that a DAG must not have is told at once, with its place and what would allow it", () => {
  const found = refusals([
    { script: "1", permissions: { net: ["good.org", "bad.org:22"], read: ["sub", "/etc"] } },
    { request: { url: "http://bad.org/x" } },
    { command: "true", resources: { memory: "2GiB", cpu: 4 }, secrets: ["A", "B"] },
    { type: "noop" },
    { command: "x", permissions: { net: ["good.org"] } },
  ], { net: ["good.org"], cpu: 2, secrets: ["A"], task_types: ["shell", "deno", "http"] });
  assert.deepEqual(found.map(({ path }) => path), [
    "tasks[0].permissions.net[1]",
    "tasks[0].permissions.read[1]",
    "tasks[1].request.url",
    "tasks[2].resources.memory",
    "tasks[2].resources.cpu",
    "tasks[2].secrets[1]",
    "tasks[3].type",
    "tasks[4].permissions.net[0]",
  ]);
  for (const { code } of found) assert.equal(code, "not_permitted");
  assert.equal(
    found[0]?.message,
    "it may not reach bad.org:22: the policy does not grant it; " +
      'policy.scopes["project:abc"].net in cis.config.json would allow it, or ask for less',
  );
  assert.match(found[3]?.message ?? "", /2GiB of memory: the policy allows 1GiB; .*\.memory in/);
  assert.match(found[7]?.message ?? "", /can't be held to single hosts/);
});

Deno.test("the place that is named is what asks for it: the type, the list where no entry is it", () => {
  const paths = (task: Record<string, unknown>, rules: Partial<Policy>): string[] =>
    refusals([task], rules).map(({ path }) => path);
  assert.deepEqual(paths({ command: "x" }, { run: [] }), ["tasks[0].type"]);
  const dot = { script: "1", permissions: { read: ["."] } };
  assert.deepEqual(paths(dot, { read: [] }), ["tasks[0].permissions.read"]);
  const sh = { script: "1", permissions: { run: ["/bin/sh"] } };
  assert.deepEqual(paths(sh, { run: [] }), ["tasks[0].permissions.run[0]"]);
});

Deno.test("a policy may grant every secret, some, or none", () => {
  const granted = (secrets: Policy["secrets"]): number =>
    2 - refusals([{ command: "x", secrets: ["A", "B"] }], { secrets }).length;
  assert.deepEqual([true, ["B"], [], false].map(granted), [2, 1, 0, 0]);
});

Deno.test("as much as the policy allows is allowed", () => {
  const task = { command: "x", resources: { memory: "1GiB", cpu: 2 } };
  assert.deepEqual(refusals([task], { memory: "1GiB", cpu: 2 }), []);
});

Deno.test("of what no policy can grant, none is named as a way", () => {
  const [own] = refusals([{ request: { url: `http://localhost:${PORT}/health` } }]);
  assert.equal(
    own?.message,
    `it may not reach localhost:${PORT}: it is the node's own address, and no policy can grant ` +
      "that; ask for something else",
  );
});

Deno.test("a shell that has to be walled in starts on machines with walls only", () => {
  const rules = { isolation: "required" } as const;
  assert.deepEqual(refusals([{ command: "x" }], rules, WALLS), []);
  const [refused] = refusals([{ command: "x" }], rules, NO_WALLS);
  assert.match(refused?.message ?? "", /no walls: bubblewrap is not there; .*\.isolation in/);
  assert.deepEqual(refusals([{ script: "1" }], rules, NO_WALLS), []);
  const runs = { script: "1", permissions: { run: ["/bin/ls"] } };
  const [program] = refusals([runs], { ...rules, run: true }, NO_WALLS);
  assert.match(program?.message ?? "", /no walls: bubblewrap is not there/);
  assert.deepEqual(refusals([{ command: "x" }], { isolation: "auto" }, NO_WALLS), []);
});

Deno.test("a task that starts gets walls where there are some, and its limits", () => {
  const grant = (fields: Record<string, unknown>, rules: Partial<Policy>, walls = WALLS) => {
    const given = grantFor(taskOf(fields), groundWith(rules), walls);
    assert.ok(!("refusal" in given), JSON.stringify(given));
    return given;
  };
  const shell = { command: "x", resources: { memory: "1MiB", cpu: 0.5 }, secrets: ["A"] };
  const given = grant(shell, { task_timeout: "2m", max_output: "1KiB", disk: "1MiB" });
  assert.equal(given.walls, "bubblewrap");
  assert.equal(given.maxTimeoutMs, 120_000);
  assert.deepEqual(given.limits, { memory: 2 ** 20, cpu: 0.5, file_size: 2 ** 20, output: 1024 });
  assert.deepEqual(given.secrets, ["A"]);
  assert.equal(grant({ command: "x" }, { isolation: "none" }).walls, "none");
  assert.equal(grant({ request: { url: "http://a.org" } }, {}).walls, "none");
  assert.equal(grant({ command: "x" }, {}).limits.memory, 1024 ** 3);
});

Deno.test("a rollback is run by a shell, which the policy has to allow beside the task", () => {
  const rules: Partial<Policy> = { task_types: ["deno"] };
  assert.deepEqual(refusals([{ script: "1" }], rules), []);
  const [found, ...more] = refusals([{ script: "1", rollback: ["rm x"] }], rules);
  assert.deepEqual(more, []);
  assert.equal(found?.path, "tasks[0].rollback");
  assert.match(found.message, /^its rollback is run by a shell: tasks of type shell are not/);
});

Deno.test("a secret is a variable: what the policy takes away of those, no task gets as a secret", () => {
  const rules: Partial<Policy> = { secrets: true, deny: { env: ["TOKEN"] } };
  for (const work of [{ command: "true" }, { script: "1" }]) {
    const found = refusals([{ ...work, secrets: ["TOKEN", "OTHER"] }], rules);
    assert.deepEqual(found.map(({ path }) => path), ["tasks[0].secrets[0]"]);
    assert.match(
      found[0]?.message ?? "",
      /TOKEN: the policy takes it away; policy\.scopes\["project:abc"\]\.deny\.env in .* keeps it away/,
    );
  }
});
