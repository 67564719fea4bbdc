import assert from "node:assert/strict";
import { permissionFlags } from "../../lib/worker/permission_flags.ts";
import { DEFAULT_POLICY, TASK_ENV_NAMES, type WorkerPolicy } from "../../lib/worker/policy.ts";

const GRANTS = {
  nodeAddress: "127.0.0.1:6767",
  workspace: "/srv/abc",
  temp: "/var/tmp/w",
  denoPath: "/usr/bin/deno",
};
const flagsOf = (policy: Partial<WorkerPolicy>): string[] =>
  permissionFlags({ denoTasks: {}, ...policy }, GRANTS);

Deno.test("a policy that grants nothing leaves what the worker itself needs, and no more", () => {
  const needed = [
    "--no-prompt",
    "--allow-net=127.0.0.1:6767",
    "--allow-read=/var/tmp/w",
    "--allow-write=/var/tmp/w",
    "--allow-run=/usr/bin/deno",
  ];
  assert.deepEqual(flagsOf({}), needed);
  assert.deepEqual(flagsOf({ net: [], read: [], write: [], env: [], run: [] }), needed);
});

Deno.test("the default policy", () => {
  assert.deepEqual(permissionFlags(DEFAULT_POLICY, GRANTS), [
    "--no-prompt",
    "--allow-net",
    "--allow-read=/srv/abc,/var/tmp/w",
    "--allow-write=/srv/abc,/var/tmp/w",
    `--allow-env=${TASK_ENV_NAMES.join(",")}`,
    "--allow-run=/bin/sh,/usr/bin/setsid,/usr/bin/deno",
  ]);
});

Deno.test("each kind of grant", () => {
  const cases: [policy: Partial<WorkerPolicy>, flag: string][] = [
    [{ net: ["example.org", "[::1]:80"] }, "--allow-net=example.org,[::1]:80,127.0.0.1:6767"],
    [{ net: true }, "--allow-net"],
    [
      { read: [".", "data/x", "/etc/hosts", "../shared"] },
      "--allow-read=/srv/abc,/srv/abc/data/x,/etc/hosts,/srv/shared,/var/tmp/w",
    ],
    [{ read: true }, "--allow-read"],
    [{ write: ["out/"] }, "--allow-write=/srv/abc/out,/var/tmp/w"],
    [{ env: ["HOME"] }, "--allow-env=HOME"],
    [{ env: true }, "--allow-env"],
    [{ run: ["git"] }, "--allow-run=git,/usr/bin/deno"],
    [{ run: ["/bin/sh"] }, "--allow-run=/bin/sh,/usr/bin/setsid,/usr/bin/deno"],
    [{ run: true }, "--allow-run"],
    [{ sys: ["hostname"] }, "--allow-sys=hostname"],
    [{ ffi: ["/lib/x.so"] }, "--allow-ffi=/lib/x.so"],
    [{ import: ["jsr.io"] }, "--allow-import=jsr.io"],
  ];
  for (const [policy, flag] of cases) {
    const flags = flagsOf(policy);
    assert.ok(flags.includes(flag), `${flag} is not in ${flags.join(" ")}`);
    const name = flag.split("=")[0];
    assert.equal(flags.filter((one) => one.split("=")[0] === name).length, 1);
  }
});

Deno.test("denies come last, and never touch what was not named", () => {
  const flags = flagsOf({
    net: true,
    read: ["."],
    deny: { net: ["169.254.169.254"], read: ["secret", "/etc"], write: [], run: true },
  });
  assert.deepEqual(flags.slice(-3), [
    "--deny-net=169.254.169.254",
    "--deny-read=/srv/abc/secret,/etc",
    "--deny-run",
  ]);
  const firstDeny = flags.findIndex((flag) => flag.startsWith("--deny-"));
  assert.ok(flags.slice(0, firstDeny).every((flag) => !flag.startsWith("--deny-")));
});

Deno.test("nothing ever prompts, and nothing is granted as a whole", () => {
  for (
    const policy of [DEFAULT_POLICY, { denoTasks: {} }, { denoTasks: {}, read: true as const }]
  ) {
    const flags = permissionFlags(policy, GRANTS);
    assert.equal(flags[0], "--no-prompt");
    assert.ok(flags.every((flag) => !/^(-A|--allow-all|--allow-hrtime|-P)/.test(flag)));
  }
});

Deno.test("what Deno would split at a comma, or take for everything, is refused", () => {
  for (
    const policy of [
      { net: ["a,b"] },
      { read: ["a,/"] },
      { write: ["x,y"] },
      { env: ["A,B"] },
      { run: ["sh,bash"] },
      { deny: { read: ["a,b"] } },
      { read: [""] },
      { write: [" "] },
      { net: [""] },
      { deny: { net: [""] } },
    ]
  ) assert.throws(() => flagsOf(policy), TypeError, JSON.stringify(policy));
  for (const name of ["workspace", "temp", "nodeAddress", "denoPath"] as const) {
    const grants = { ...GRANTS, [name]: `${GRANTS[name]},/` };
    assert.throws(() => permissionFlags({ denoTasks: {}, read: ["."] }, grants), TypeError, name);
  }
});
