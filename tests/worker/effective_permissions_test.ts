import assert from "node:assert/strict";
import type { Policy } from "../../lib/schema/policy.ts";
import { effectivePermissions } from "../../lib/worker/effective_permissions.ts";
import { TASK_ENV_NAMES } from "../../lib/worker/builtin_policy.ts";
import { DATA_DIR, groundWith, PORT, taskOf, WORKSPACE } from "./scope_ground.ts";

const NONE = { net: [], read: [], write: [], env: [], run: [] };

function effective(
  fields: Record<string, unknown>,
  rules: Partial<Policy> = {},
  workspace = WORKSPACE,
): ReturnType<typeof effectivePermissions> {
  return effectivePermissions(taskOf(fields), groundWith(rules, workspace));
}

function missingOf(fields: Record<string, unknown>, rules: Partial<Policy> = {}): string[] {
  return effective(fields, rules).missing.map(({ kind, entry }) => `${kind} ${entry}`);
}

Deno.test("a task that says nothing gets its workspace and the usual variables", () => {
  for (const work of [{ command: "true" }, { script: "export default () => {}" }]) {
    const { permissions, missing } = effective(work);
    assert.deepEqual(permissions, {
      net: [],
      read: [WORKSPACE],
      write: [WORKSPACE],
      env: TASK_ENV_NAMES,
      run: "command" in work ? ["/bin/sh"] : [],
    });
    assert.deepEqual(missing, []);
  }
});

Deno.test("a task with permissions gets nothing of what it leaves out", () => {
  const { permissions } = effective({ script: "1", permissions: { read: ["data"] } });
  assert.deepEqual(permissions, { ...NONE, read: [`${WORKSPACE}/data`] });
});

Deno.test("an http task asks for the host and port of its request, and for nothing else", () => {
  const url = "https://API.example.org/x?y";
  assert.deepEqual(effective({ request: { url } }).permissions, {
    ...NONE,
    net: ["api.example.org:443"],
  });
  assert.deepEqual(missingOf({ request: { url } }, { net: ["example.org"] }), [
    "net api.example.org:443",
  ]);
  assert.deepEqual(missingOf({ request: { url } }, { net: ["api.example.org"] }), []);
  assert.deepEqual(missingOf({ request: { url } }, { net: ["api.example.org:80"] }), [
    "net api.example.org:443",
  ]);
});

Deno.test("a task that does nothing asks for nothing", () => {
  assert.deepEqual(effective({ type: "noop" }, { read: [], write: [] }), {
    permissions: NONE,
    missing: [],
  });
});

const PATHS: [asked: string, granted: string[], holds: boolean][] = [
  [".", ["."], true],
  ["sub/dir", ["."], true],
  ["sub/../sub", ["sub"], true],
  ["..", ["."], false],
  ["sub/../../project-abcd", ["."], false],
  ["../project-abc-evil", ["."], false],
  ["/etc/ssl", ["/etc"], true],
  ["/etc", ["/etc/ssl"], false],
  ["/etcetera", ["/etc"], false],
  ["/etc//ssl/./x", ["/etc/ssl"], true],
];
for (const [asked, granted, holds] of PATHS) {
  Deno.test(`reading ${asked} is ${holds ? "" : "not "}within ${granted}`, () => {
    const missing = missingOf({ script: "1", permissions: { read: [asked] } }, { read: granted });
    assert.equal(missing.length, holds ? 0 : 1, missing.join());
  });
}

Deno.test("a shell starts what the system has, once it is granted itself", () => {
  const fields = { command: "make", permissions: { run: ["make"] } };
  assert.deepEqual(effective(fields).permissions.run, ["/bin/sh", "make"]);
  const { permissions, missing } = effective(fields, { run: ["make"] });
  assert.deepEqual(permissions.run, []);
  assert.deepEqual(missing.map(({ kind, entry }) => [kind, entry]), [["run", "/bin/sh"]]);
});

Deno.test("a deno task runs only what is granted by name", () => {
  const fields = { script: "1", permissions: { run: ["make", "git"] } };
  const { permissions, missing } = effective(fields, { run: ["/bin/sh", "git"] });
  assert.deepEqual(permissions.run, ["git"]);
  assert.deepEqual(missing.map(({ entry }) => entry), ["make"]);
});

Deno.test("a shell gets the whole network or none, so a policy with a list gives it none", () => {
  const fields = { command: "curl x", permissions: { net: ["example.org"] } };
  assert.equal(effective(fields).permissions.net, true);
  const { permissions, missing } = effective(fields, { net: ["example.org"] });
  assert.deepEqual(permissions.net, []);
  assert.match(missing[0]?.why ?? "", /can't be held to single hosts/);
  assert.equal(effective(fields, { deny: { net: true } }).missing.length, 1);
});

Deno.test("what a policy takes away is taken from what it grants", () => {
  const rules: Partial<Policy> = {
    read: ["/srv/shared"],
    net: ["example.org"],
    env: ["PATH", "HOME"],
    deny: { read: ["/srv/shared/private"], net: ["example.org:22"], env: ["HOME"] },
  };
  const read = (path: string): string[] =>
    missingOf({ script: "1", permissions: { read: [path] } }, rules);
  assert.deepEqual(read("/srv/shared/private/x"), ["read /srv/shared/private/x"]);
  assert.deepEqual(read("/srv/shared/public"), []);
  const wide = effective({
    script: "1",
    permissions: { read: ["/srv/shared"], net: ["example.org"], env: ["PATH"] },
  }, rules);
  assert.deepEqual(wide.missing, []);
  assert.deepEqual(wide.permissions.deny, {
    net: ["example.org:22"],
    read: ["/srv/shared/private"],
    write: [],
    env: [],
  });
  const all = effective({ script: "1" }, { ...rules, read: ["."], env: true }).permissions;
  assert.deepEqual([all.env, all.deny?.env], [true, ["HOME"]]);
  const none = effective({ script: "1" }, { ...rules, env: true, deny: { env: true } });
  assert.deepEqual(none.permissions.env, []);
  const usual = effective({ script: "1" }, { ...rules, read: ["."] });
  assert.deepEqual(usual.permissions.env, ["PATH"]);
});

Deno.test("no policy grants the node's own ground", () => {
  const everything: Partial<Policy> = { read: true, write: true, net: true };
  const paths = [DATA_DIR, `${DATA_DIR}/cis.db`, `${DATA_DIR}/workspaces/project-x`, "/srv/other"];
  for (const path of paths) {
    for (const kind of ["read", "write"]) {
      const missing = missingOf({ script: "1", permissions: { [kind]: [path] } }, everything);
      assert.deepEqual(missing, [`${kind} ${path}`]);
    }
  }
  for (const host of ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1.2.3"]) {
    const own = `${host}:${PORT}`;
    assert.deepEqual(missingOf({ script: "1", permissions: { net: [own] } }, everything), [
      `net ${own}`,
    ]);
    assert.deepEqual(missingOf({ request: { url: `http://${own}/` } }, everything), [`net ${own}`]);
    const other = { script: "1", permissions: { net: [`${host}:${PORT + 1}`] } };
    assert.deepEqual(missingOf(other, everything), []);
  }
  const wide = effective(
    { script: "1", permissions: { read: ["/"], net: ["localhost"] } },
    everything,
  );
  assert.deepEqual(wide.missing, []);
  assert.ok(wide.permissions.deny?.read.includes(DATA_DIR));
  assert.ok(wide.permissions.deny?.net.includes(`localhost:${PORT}`));
});

Deno.test("a workspace that contains the node's data is granted without them", () => {
  const workspace = "/srv/node";
  const { permissions, missing } = effective({ script: "1" }, {}, workspace);
  assert.deepEqual(missing, []);
  assert.deepEqual(permissions.read, [workspace]);
  assert.deepEqual(permissions.deny, {
    net: [],
    read: [DATA_DIR],
    write: [DATA_DIR],
    env: [],
  });
  const asks = effective({ script: "1", permissions: { read: [".cis/cis.db"] } }, {}, workspace);
  assert.equal(asks.missing.length, 1);
});

Deno.test("a workspace within another scope's is that scope's no more", () => {
  const outer = effective({ script: "1" }, {}, "/srv/abc");
  assert.deepEqual(outer.permissions.deny?.read, ["/srv/abc/inner"]);
  const inner = effective({ script: "1" }, {}, "/srv/abc/inner");
  assert.equal(inner.permissions.deny, undefined);
});
