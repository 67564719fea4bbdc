import assert from "node:assert/strict";
import type { Policy } from "../../lib/schema/policy.ts";
import { TASK_ENV_NAMES } from "../../lib/worker/builtin_policy.ts";
import { permissionFlags, type ProcessGrants } from "../../lib/worker/permission_flags.ts";
import { DATA_DIR, groundWith, WORKSPACE } from "./scope_ground.ts";

const TEMP = `${DATA_DIR}/tmp/worker-project-abc`;
const SOCKET = `${DATA_DIR}/node.sock`;

function flags(
  rules: Partial<Policy> = {},
  grants: Partial<ProcessGrants> = {},
): string[] {
  const { policy, ground } = groundWith(rules, grants.workspace);
  return permissionFlags(policy, {
    socket: SOCKET,
    workspace: WORKSPACE,
    temp: TEMP,
    denoPath: "/opt/deno",
    bubblewrap: null,
    ground,
    ...grants,
  });
}

function flag(name: string, list: readonly string[]): string | undefined {
  return list.find((each) => each === `--${name}` || each.startsWith(`--${name}=`));
}

Deno.test("a worker gets exactly what its policy grants and what it needs itself", () => {
  const rules = { net: ["example.org:443"], env: ["PATH"], run: ["git"], read: [".", "/srv/in"] };
  assert.deepEqual(flags(rules), [
    "--no-prompt",
    `--allow-net=example.org:443,unix:${SOCKET}`,
    `--allow-read=${WORKSPACE},/srv/in,${TEMP},${SOCKET}`,
    `--allow-write=${WORKSPACE},${TEMP},${SOCKET}`,
    "--allow-env=PATH",
    "--allow-run=git,/bin/sh,/usr/bin/setsid,/opt/deno",
    "--deny-net=127.0.0.0/8:6767,localhost:6767,[::1]:6767,0.0.0.0:6767,[::]:6767,127.0.0.1:6767",
    `--deny-read=/srv/abc/inner,${DATA_DIR},/srv/other`,
    `--deny-write=/srv/abc/inner,${DATA_DIR},/srv/other`,
  ]);
});

Deno.test("a policy that grants nothing leaves a worker what it needs itself", () => {
  const list = flags({ net: false, read: false, write: [], env: false, run: false });
  assert.equal(flag("allow-net", list), `--allow-net=unix:${SOCKET}`);
  assert.equal(flag("allow-read", list), `--allow-read=${TEMP},${SOCKET}`);
  assert.equal(flag("allow-env", list), undefined);
  assert.equal(flag("allow-run", list), "--allow-run=/bin/sh,/usr/bin/setsid,/opt/deno");
});

Deno.test("all paths are written so that the nearer directory can decide", () => {
  const list = flags({ read: true });
  assert.equal(flag("allow-read", list), `--allow-read=/,${WORKSPACE},${TEMP},${SOCKET}`);
  assert.equal(flag("deny-read", list), `--deny-read=/srv/abc/inner,${DATA_DIR},/srv/other`);
});

Deno.test("what a policy grants on the node's own ground is left out", () => {
  const list = flags({ read: [".", `${DATA_DIR}/cis.db`, "/srv/other/x", "../project-x", "/srv"] });
  assert.equal(flag("allow-read", list), `--allow-read=${WORKSPACE},/srv,${TEMP},${SOCKET}`);
});

Deno.test("what a policy takes away is denied, or not granted at all", () => {
  const deny = {
    net: ["10.0.0.0/8"],
    read: ["private"],
    env: true as const,
    run: ["/bin/sh", "rm"],
  };
  const list = flags({ deny, run: true });
  assert.match(flag("deny-net", list) ?? "", /^--deny-net=10\.0\.0\.0\/8,127\./);
  assert.match(flag("deny-read", list) ?? "", new RegExp(`^--deny-read=${WORKSPACE}/private,`));
  assert.equal(flag("allow-env", list), undefined);
  // The worker's own programs stay; that no shell task starts is the node's to see to.
  assert.equal(flag("deny-run", list), "--deny-run=rm");
});

Deno.test("what is granted and taken away as a whole is not granted", () => {
  for (const kind of ["net", "read", "write", "env"] as const) {
    const list = flags({ [kind]: true, deny: { [kind]: true } });
    assert.notEqual(flag(`allow-${kind}`, list), `--allow-${kind}`);
  }
  const list = flags({ env: true, deny: { env: true } });
  assert.equal(flag("allow-env", list), undefined);
});

Deno.test("denials come last, and nothing asks", () => {
  const list = flags({ read: true, deny: { env: ["HOME"] } });
  assert.equal(list[0], "--no-prompt");
  const lastAllow = list.findLastIndex((each) => each.startsWith("--allow"));
  const firstDeny = list.findIndex((each) => each.startsWith("--deny"));
  assert.ok(firstDeny > lastAllow && lastAllow > 0);
});

Deno.test("the built-in policy", () => {
  const list = flags();
  assert.equal(flag("allow-net", list), "--allow-net");
  assert.equal(flag("allow-read", list), `--allow-read=${WORKSPACE},${TEMP},${SOCKET}`);
  assert.equal(flag("allow-write", list), `--allow-write=${WORKSPACE},${TEMP},${SOCKET}`);
  assert.equal(flag("allow-env", list), `--allow-env=${TASK_ENV_NAMES.join(",")}`);
  assert.equal(flag("allow-run", list), "--allow-run=/bin/sh,/usr/bin/setsid,/opt/deno");
});

Deno.test("each kind of grant", () => {
  const cases: [rules: Partial<Policy>, flag: string][] = [
    [{ net: ["example.org", "[::1]:80"] }, `--allow-net=example.org,[::1]:80,unix:${SOCKET}`],
    [{ net: true }, "--allow-net"],
    [
      { read: [".", "data/x", "/etc/hosts"] },
      `--allow-read=${WORKSPACE},${WORKSPACE}/data/x,/etc/hosts,${TEMP},${SOCKET}`,
    ],
    [{ write: ["out/"] }, `--allow-write=${WORKSPACE}/out,${TEMP},${SOCKET}`],
    [{ write: true }, `--allow-write=/,${WORKSPACE},${TEMP},${SOCKET}`],
    [{ env: ["HOME"] }, "--allow-env=HOME"],
    [{ env: true }, "--allow-env"],
    [{ run: ["git"] }, "--allow-run=git,/bin/sh,/usr/bin/setsid,/opt/deno"],
    [{ run: true }, "--allow-run"],
  ];
  for (const [rules, expected] of cases) {
    const list = flags(rules);
    assert.ok(list.includes(expected), `${expected} is not in ${list.join(" ")}`);
    const name = expected.split("=")[0];
    assert.equal(list.filter((each) => each.split("=")[0] === name).length, 1);
  }
});

Deno.test("bubblewrap may be run where there is one", () => {
  const list = flags({}, { bubblewrap: "/usr/bin/bwrap" });
  assert.match(flag("allow-run", list) ?? "", /,\/usr\/bin\/bwrap$/);
});

Deno.test("nothing ever is granted as a whole", () => {
  for (const rules of [{}, { net: true, read: true, write: true, env: true, run: true }]) {
    assert.deepEqual(flags(rules).filter((each) => /^(-A|--allow-all|-P)/.test(each)), []);
  }
});

Deno.test("what Deno would split at a comma, or take for everything, is refused", () => {
  const bad: Partial<Policy>[] = [
    { net: ["a,b"] },
    { read: ["a,/"] },
    { write: ["x,y"] },
    { env: ["A,B"] },
    { run: ["sh,bash"] },
    { deny: { read: ["a,b"] } },
    { net: [""] },
    { env: [" "] },
    { deny: { net: [""] } },
  ];
  for (const rules of bad) assert.throws(() => flags(rules), TypeError, JSON.stringify(rules));
  for (
    const [name, value] of [
      ["socket", `${SOCKET},/`],
      ["workspace", `${WORKSPACE},x`],
      ["temp", `${TEMP},/`],
      ["denoPath", "/opt/deno,/bin/sh"],
      ["bubblewrap", "/usr/bin/bwrap,/bin/sh"],
    ] as const
  ) assert.throws(() => flags({}, { [name]: value }), TypeError, name);
});
