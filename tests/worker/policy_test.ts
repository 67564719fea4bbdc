import assert from "node:assert/strict";
import {
  DEFAULT_POLICY,
  describePermissions,
  resolvePaths,
  taskPermissions,
  type WorkerPolicy,
} from "../../lib/worker/policy.ts";
import type { PermissionsView } from "../../lib/schema/api.ts";
import { specOf } from "../schema/expect_spec.ts";

const WORKSPACE = "/srv/abc";

function describe(
  tasks: unknown[],
  policy: Partial<WorkerPolicy> = DEFAULT_POLICY,
): PermissionsView {
  const spec = specOf({ dag_id: "proj-abc-x", tasks });
  return describePermissions(spec, { denoTasks: {}, ...policy }, { workspace: WORKSPACE });
}

const SHELL = { id: "build", command: "make" };
const DENO = { id: "count", script: "export default () => 1" };
const request = (id: string, url: string): object => ({ id, request: { url } });

Deno.test("a shell task is told of as what it is: not walled in", () => {
  const view = describe([SHELL, { id: "test", command: "make test" }]);
  assert.deepEqual(view.summary, [
    "runs: /bin/sh (build, test) — commands run with this user's rights, not walled in: " +
    "they may read, write and reach whatever this user can",
    "starts commands in: the workspace of project abc (/srv/abc)",
  ]);
  assert.deepEqual([view.read, view.write, view.run, view.net, view.isolation], [
    [WORKSPACE],
    [WORKSPACE],
    ["/bin/sh"],
    [],
    "none",
  ]);
  assert.ok(view.env.includes("PATH") && view.env.includes("HOME"));
});

Deno.test("a policy without /bin/sh says that shell tasks will fail", () => {
  const view = describe([SHELL], { run: [] });
  assert.deepEqual(view.summary, [
    "may not run: /bin/sh; the policy refuses it, so build will fail",
  ]);
  assert.deepEqual([view.read, view.write, view.run, view.env], [[], [], [], []]);
});

Deno.test("run: true allows the shell, too", () => {
  assert.match(describe([SHELL], { run: true }).summary[0] ?? "", /^runs: \/bin\/sh \(build\)/);
});

Deno.test("a deno task is told of with each thing that it may touch", () => {
  assert.deepEqual(describe([DENO]).summary, [
    "runs: 1 deno task (count), each walled in by Deno",
    "deno tasks may read: the workspace of project abc (/srv/abc)",
    "deno tasks may write: the workspace of project abc (/srv/abc)",
    "deno tasks may reach: nothing",
  ]);
  const view = describe([DENO, { ...DENO, id: "b" }], {
    denoTasks: { read: true, write: ["out", "/var/x"], net: ["example.org"], run: ["git"] },
  });
  assert.deepEqual(view.summary, [
    "runs: 2 deno tasks (count, b), each walled in by Deno",
    "deno tasks may read: everything",
    "deno tasks may write: /srv/abc/out, /var/x",
    "deno tasks may reach: example.org",
    "deno tasks may run: git, not walled in",
  ]);
  assert.deepEqual([view.read, view.write, view.net, view.run], [
    ["*"],
    ["/srv/abc/out", "/var/x"],
    ["example.org"],
    ["git"],
  ]);
});

Deno.test("each host that an http task asks is told of once, with its port", () => {
  const view = describe([
    request("a", "https://example.org/x"),
    request("b", "http://example.org/y"),
    request("c", "https://example.org:443/z"),
    request("d", "http://[::1]:8080/"),
  ]);
  assert.deepEqual(view.summary, [
    "may reach: example.org:443 (http task a, c)",
    "may reach: example.org:80 (http task b)",
    "may reach: [::1]:8080 (http task d)",
  ]);
  assert.deepEqual(view.net, ["example.org:443", "example.org:80", "[::1]:8080"]);
  assert.deepEqual([view.read, view.write, view.run, view.env], [[], [], [], []]);
});

Deno.test("a host that the policy refuses is told of as that", () => {
  const tasks = [request("a", "https://example.org/"), request("b", "http://example.org/")];
  const cases: [policy: Partial<WorkerPolicy>, allowed: string[]][] = [
    [{ net: [] }, []],
    [{ net: ["example.org"] }, ["example.org:443", "example.org:80"]],
    [{ net: ["example.org:443"] }, ["example.org:443"]],
    [{ net: true, deny: { net: ["example.org:80"] } }, ["example.org:443"]],
    [{ net: ["example.org"], deny: { net: true } }, []],
    [{ net: ["elsewhere.example.org", "org"] }, []],
  ];
  for (const [policy, allowed] of cases) {
    const { summary, net } = describe(tasks, policy);
    assert.deepEqual(net, allowed);
    for (const [id, host] of [["a", "example.org:443"], ["b", "example.org:80"]] as const) {
      const sentence = allowed.includes(host)
        ? `may reach: ${host} (http task ${id})`
        : `may not reach: ${host}; the policy refuses it, so http task ${id} will fail`;
      assert.ok(summary.includes(sentence), `${sentence} is not in ${summary.join("\n")}`);
    }
  }
});

Deno.test("tasks that touch nothing need no words", () => {
  const { summary, net, read, write, env, run } = describe([{ id: "a", type: "noop" }]);
  assert.deepEqual([summary, net, read, write, env, run], [[], [], [], [], [], []]);
});

Deno.test("many tasks are not all listed", () => {
  const tasks = Array.from({ length: 200 }, (_, n) => ({ id: `t${n}`, command: "true" }));
  assert.match(describe(tasks).summary[0] ?? "", /\(t0, t1, .* and \d+ more\)/);
});

Deno.test("paths of a policy start at the workspace", () => {
  assert.deepEqual(
    resolvePaths({ read: [".", "a/../b", "/etc"], write: true, net: ["x"] }, WORKSPACE),
    { read: [WORKSPACE, "/srv/abc/b", "/etc"], write: true, net: ["x"] },
  );
  // Stays empty, to be refused where flags are made; resolved it would be the workspace.
  assert.deepEqual(resolvePaths({ read: [" "] }, WORKSPACE).read, [" "]);
});

Deno.test("what deno tasks get, as the bootstrap carries it", () => {
  const workspace = WORKSPACE;
  assert.deepEqual(taskPermissions(DEFAULT_POLICY, { workspace }), {
    net: [],
    read: [WORKSPACE],
    write: [WORKSPACE],
    env: [],
    run: [],
  });
  assert.deepEqual(taskPermissions({ denoTasks: { net: true } }, { workspace }), { net: true });
});
