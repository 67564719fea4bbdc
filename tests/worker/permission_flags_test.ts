import assert from "node:assert/strict";
import type { Policy } from "../../lib/schema/policy.ts";
import { permissionFlags } from "../../lib/worker/permission_flags.ts";
import { DATA_DIR, groundWith, WORKSPACE } from "./scope_ground.ts";

const TEMP = `${DATA_DIR}/tmp/worker-project-abc`;
const SOCKET = `${DATA_DIR}/node.sock`;

function flags(rules: Partial<Policy> = {}, workspace = WORKSPACE): string[] {
  const { policy, ground } = groundWith(rules, workspace);
  return permissionFlags(policy, {
    socket: SOCKET,
    workspace,
    temp: TEMP,
    denoPath: "/opt/deno",
    bubblewrap: null,
    ground,
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

Deno.test("denials come last, and nothing asks", () => {
  const list = flags({ read: true, deny: { env: ["HOME"] } });
  assert.equal(list[0], "--no-prompt");
  const lastAllow = list.findLastIndex((each) => each.startsWith("--allow"));
  const firstDeny = list.findIndex((each) => each.startsWith("--deny"));
  assert.ok(firstDeny > lastAllow && lastAllow > 0);
});
