import assert from "node:assert/strict";
import type { PermissionsView } from "../../lib/schema/api.ts";
import { PermissionsView as Schema } from "../../lib/schema/api.ts";
import type { Policy } from "../../lib/schema/policy.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";
import { describePermissions } from "../../lib/worker/describe_permissions.ts";
import { groundWith, WORKSPACE } from "./scope_ground.ts";

const WALLS = { bubblewrap: "/usr/bin/bwrap", reason: null };
const NO_WALLS = { bubblewrap: null, reason: "bubblewrap is not installed" };
const PLACE = `the workspace of project abc (${WORKSPACE})`;

function described(
  tasks: Record<string, Record<string, unknown>>,
  rules: Partial<Policy> = {},
  walls: typeof WALLS | typeof NO_WALLS = WALLS,
): PermissionsView {
  const parsed = parseSpecDocument({
    dag_id: "proj-abc-x",
    tasks: Object.entries(tasks).map(([id, fields]) => ({ id, ...fields })),
  });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const view = describePermissions(parsed.spec, groundWith(rules), walls);
  return Schema.parse(view);
}

Deno.test("shell tasks behind walls: what they run, read, write and reach", () => {
  const view = described({ build: { command: "make" }, deploy: { command: "make deploy" } });
  assert.deepEqual(view.summary.slice(0, 4), [
    "runs: /bin/sh (build, deploy), inside bubblewrap",
    `build, deploy may read: ${PLACE}, and the programs of the system`,
    `build, deploy may write: ${PLACE}`,
    "build, deploy may reach: nothing",
  ]);
  assert.equal(view.isolation, "bubblewrap");
  assert.deepEqual([view.net, view.read, view.write, view.run], [
    [],
    [WORKSPACE],
    [WORKSPACE],
    ["/bin/sh"],
  ]);
  assert.deepEqual(view.tasks, []);
  const last = view.summary.at(-1) ?? "";
  assert.match(last, /^taken away in every case: .*other scopes$/);
});

Deno.test("shell tasks without walls: that nothing holds them, and why", () => {
  const { summary, isolation } = described({ build: { command: "make" } }, {}, NO_WALLS);
  assert.equal(isolation, "none");
  assert.match(
    summary[0] ?? "",
    /not walled in: they may read, write and reach whatever this user can \(bubblewrap is not inst/,
  );
  assert.match(summary.at(-1) ?? "", /that does not hold for commands that are not walled in$/);
  const unwanted = described({ build: { command: "make" } }, { isolation: "none" }, WALLS);
  assert.match(unwanted.summary[0] ?? "", /\(the policy wants no walls\)$/);
  assert.equal(unwanted.isolation, "none");
});

Deno.test("a shell that asks for one host is said to reach everything", () => {
  const view = described({ get: { command: "curl x", permissions: { net: ["example.org"] } } });
  assert.match(view.summary[3] ?? "", /^get may reach: everything, this node's own address incl/);
  assert.deepEqual(view.net, ["*"]);
  assert.match(
    view.summary.at(-1) ?? "",
    /other scopes; the address is not taken away from commands that reach everything$/,
  );
});

Deno.test("tasks that differ are told apart", () => {
  const view = described({
    a: { script: "1" },
    b: { script: "2" },
    c: { script: "3", permissions: { read: ["in"], net: ["example.org"], run: ["git"] } },
    d: { request: { url: "https://api.example.org/" } },
  }, { run: ["git"] });
  assert.deepEqual(view.tasks.map(({ task_ids, net, write }) => [task_ids, net, write]), [
    [["a", "b"], [], [WORKSPACE]],
    [["c"], ["example.org"], []],
    [["d"], ["api.example.org:443"], []],
  ]);
  assert.ok(view.summary.includes("runs: 2 deno tasks (a, b), each walled in by Deno"));
  assert.ok(view.summary.includes(`c may read: ${WORKSPACE}/in`));
  assert.ok(view.summary.includes("c may reach: example.org"));
  assert.ok(view.summary.includes("c may run: git, inside bubblewrap"));
  assert.ok(view.summary.includes("may reach: api.example.org:443 (http task d)"));
  assert.deepEqual(view.net, ["example.org", "api.example.org:443"]);
});

Deno.test("each host that http tasks ask is told of once, with its port", () => {
  const view = described({
    a: { request: { url: "https://example.org/x" } },
    b: { request: { url: "http://example.org/y" } },
    c: { request: { url: "https://example.org:443/z" } },
    d: { request: { url: "http://[::1]:8080/" } },
  });
  assert.deepEqual(view.summary.filter((line) => line.startsWith("may reach")), [
    "may reach: example.org:443 (http tasks a, c)",
    "may reach: example.org:80 (http task b)",
    "may reach: [::1]:8080 (http task d)",
  ]);
  assert.deepEqual(view.net, ["example.org:443", "example.org:80", "[::1]:8080"]);
});

Deno.test("many tasks are not all listed", () => {
  const many = Array.from({ length: 200 }, (_, n) => [`t${n}`, { command: "true" }]);
  assert.match(described(Object.fromEntries(many)).summary[0] ?? "", /\(t0, t1, .* and \d+ more\)/);
});

Deno.test("limits, secrets and what is taken away are told", () => {
  const view = described({ t: { command: "x", secrets: ["TOKEN"] } }, {
    memory: "2GiB",
    cpu: 2,
    task_timeout: "10m",
  });
  assert.deepEqual(view.secrets, ["TOKEN"]);
  assert.equal(view.limits.memory, "2GiB");
  assert.ok(view.summary.includes("gets the secret TOKEN: t"));
  assert.match(
    view.summary.join("\n"),
    /may use: 2GiB of memory, 2 cores and 10GiB of disk.*512 processes, 10m and/,
  );
  assert.ok(view.taken_away.net.includes("localhost:6767"));
  assert.ok(view.taken_away.paths.includes("/srv/node/.cis"));
});

Deno.test("a task that may no longer start is said so, and adds nothing to the lists", () => {
  const view = described({ t: { command: "x" }, u: { script: "1" } }, { run: [] });
  assert.equal(
    view.summary[0],
    "will not start: t, since it may not run /bin/sh: the policy does not grant it",
  );
  assert.deepEqual(view.run, []);
});

Deno.test("a DAG that touches nothing has nothing to tell", () => {
  assert.deepEqual(described({ t: { type: "noop" } }).summary, []);
});

Deno.test("the rollback of a task that is no shell task is told beside it", () => {
  const { summary, run, isolation } = described({ a: { script: "1", rollback: ["rm x"] } });
  assert.ok(
    summary.includes("runs: /bin/sh (a (rollback)), inside bubblewrap"),
    summary.join("\n"),
  );
  assert.deepEqual([run, isolation], [["/bin/sh"], "bubblewrap"]);
});
