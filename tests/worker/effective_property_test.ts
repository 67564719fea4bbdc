/** What holds for every policy and every task: random ones, held against the rules. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Grant, GRANT_KINDS, type GrantKind, type Policy } from "../../lib/schema/policy.ts";
import type { TaskPermissions } from "../../lib/schema/room_events.ts";
import type { TaskSpec } from "../../lib/schema/dag_spec.ts";
import { absolutePolicy } from "../../lib/worker/absolute_policy.ts";
import { BUILTIN_POLICY } from "../../lib/worker/builtin_policy.ts";
import { grantCovers } from "../../lib/worker/covers.ts";
import { effectivePermissions } from "../../lib/worker/effective_permissions.ts";
import { meetPolicies } from "../../lib/worker/meet_policies.ts";
import { isOwnGround } from "../../lib/worker/own_ground.ts";
import { taskWishes } from "../../lib/worker/task_wishes.ts";
import { DATA_DIR, groundWith, PORT, taskOf, WORKSPACE } from "./scope_ground.ts";

/** Entries that meet often: some include others, some are the node's own. */
const POOLS: Readonly<Record<GrantKind, readonly string[]>> = {
  net: [
    ...["a.org", "a.org:443", "a.org:80", "*.a.org", "*.a.org:443", "x.a.org", "x.a.org:443"],
    ...["10.0.0.0/8", "10.1.0.0/16:80", "10.1.2.3", `localhost:${PORT}`, "localhost", "127.0.0.1"],
  ],
  read: [".", "sub", "sub/deep", "..", "/", "/etc", "/etc/ssl", DATA_DIR, `${DATA_DIR}/cis.db`],
  write: [".", "sub", "sub/deep", "../project-x", "/tmp", "/srv", "/srv/other", "/srv/abc"],
  env: ["PATH", "HOME", "TOKEN"],
  run: ["/bin/sh", "make", "git"],
};

const grantOf = (kind: GrantKind): fc.Arbitrary<Grant> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
    { weight: 4, arbitrary: fc.subarray([...POOLS[kind]]) },
  );
const eachKind = <T>(
  of: (kind: GrantKind) => fc.Arbitrary<T>,
): Record<GrantKind, fc.Arbitrary<T>> => ({
  net: of("net"),
  read: of("read"),
  write: of("write"),
  env: of("env"),
  run: of("run"),
});
const denials = fc.record(
  eachKind((kind) =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant<Grant>(true) },
      { weight: 9, arbitrary: fc.subarray<string>([...POOLS[kind]], { maxLength: 2 }) },
    )
  ),
  { requiredKeys: [] },
);
const policy: fc.Arbitrary<Policy> = fc.record({ ...eachKind(grantOf), deny: denials })
  .map((rules) => ({ ...BUILTIN_POLICY, ...rules }));
const lists = fc.record(eachKind((kind) => fc.subarray<string>([...POOLS[kind]])));
const work = fc.constantFrom(
  { command: "true" },
  { script: "1" },
  { request: { url: "https://x.a.org/" } },
  { request: { url: `http://127.0.0.1:${PORT}/` } },
  { type: "noop" },
);
const task = fc.record({ work, permissions: fc.option(lists, { nil: undefined }) })
  .map(({ work, permissions }) =>
    taskOf({ ...work, ...(permissions === undefined ? {} : { permissions }) })
  );

function effectiveOf(task: TaskSpec, policy: Policy): TaskPermissions {
  return effectivePermissions(task, groundWith(policy)).permissions;
}

function entries(granted: true | readonly string[], whole: string): readonly string[] {
  return granted === true ? [whole] : granted;
}

/** A run under a seed that fails prints it, with what is needed to repeat it. */
function holds(
  property: fc.IProperty<[TaskSpec, Policy]> | fc.IProperty<[TaskSpec, Policy, Policy]>,
): void {
  fc.assert(property as fc.IProperty<unknown>, { numRuns: 400 });
}

Deno.test("a task never gets more than its policy grants, nor what is taken away", () => {
  holds(fc.property(task, policy, (task, given) => {
    const { policy, ground } = groundWith(absolutePolicy(given, WORKSPACE));
    const permissions = effectiveOf(task, given);
    for (const kind of GRANT_KINDS) {
      const granted = permissions[kind];
      if (granted === true) {
        assert.equal(policy[kind], true, kind);
        assert.notEqual(policy.deny[kind], true, kind);
        if (kind === "env") {
          const taken = policy.deny.env;
          assert.deepEqual(permissions.deny?.env ?? [], Array.isArray(taken) ? taken : []);
        }
        continue;
      }
      for (const entry of granted) {
        const isShells = kind === "run" && task.type === "shell";
        if (!isShells) assert.ok(grantCovers(kind, policy[kind], entry), `${kind} ${entry}`);
        if (!isShells) assert.ok(!grantCovers(kind, policy.deny[kind], entry), `${kind} ${entry}`);
        if (kind === "net") assert.ok(!grantCovers("net", [...ground.net], entry), entry);
        if (kind === "read" || kind === "write") {
          assert.ok(!isOwnGround(entry, ground, WORKSPACE), entry);
        }
      }
      if (kind === "run" && task.type === "shell" && granted.length > 0) {
        assert.ok(grantCovers("run", policy.run, "/bin/sh"));
      }
    }
  }));
});

Deno.test("a task never gets more than it asks for, and what it doesn't get is named", () => {
  holds(fc.property(task, policy, (task, policy) => {
    const wishes = taskWishes(task, WORKSPACE);
    const { permissions, missing } = effectivePermissions(task, groundWith(policy));
    for (const kind of GRANT_KINDS) {
      const asked = wishes[kind];
      if (asked === true) continue;
      const granted = permissions[kind];
      // Whatever a shell asks for of the network, it gets all of it or none.
      if (granted === true) {
        assert.equal(`${kind} ${task.type}`, "net shell");
        assert.ok(asked.length > 0);
        continue;
      }
      // Of a directory that was asked for, the workspace in it may be named once more.
      assert.ok(granted.every((entry) => grantCovers(kind, [...asked], entry)), kind);
      const named = missing.filter((each) => each.kind === kind).map(({ entry }) => entry);
      const isWhole = kind === "run" && task.type === "shell";
      if (!isWhole) {
        const asAsked = granted.filter((entry) => asked.includes(entry));
        assert.deepEqual([...asAsked, ...named].sort(), [...asked].sort(), kind);
      }
    }
  }));
});

Deno.test("asking for less never gives more", () => {
  holds(fc.property(task, policy, (task, policy) => {
    if (task.permissions === undefined) return;
    const less = {
      ...task,
      permissions: Object.fromEntries(
        GRANT_KINDS.map((kind) => [kind, task.permissions?.[kind].slice(1) ?? []]),
      ) as NonNullable<TaskSpec["permissions"]>,
    };
    assertWithin(effectiveOf(less, policy), effectiveOf(task, policy));
  }));
});

Deno.test("what two policies allow together is what each of them allows", () => {
  holds(fc.property(task, policy, policy, (task, one, other) => {
    const [a, b] = [absolutePolicy(one, WORKSPACE), absolutePolicy(other, WORKSPACE)];
    const met = effectiveOf(task, meetPolicies(a, b));
    const [first, second] = [effectiveOf(task, a), effectiveOf(task, b)];
    assertWithin(met, first);
    assertWithin(met, second);
    for (const kind of GRANT_KINDS) {
      const common = entries(first[kind], "*").filter((entry) =>
        second[kind] === true
          ? second.deny?.env.includes(entry) !== true
          : first[kind] === true || second[kind].includes(entry)
      );
      if (first[kind] === true && second[kind] !== true) continue;
      assert.deepEqual([...entries(met[kind], "*")].sort(), [...common].sort(), kind);
    }
  }));
});

function assertWithin(less: TaskPermissions, more: TaskPermissions): void {
  for (const kind of GRANT_KINDS) {
    const wide = more[kind];
    if (wide === true) continue;
    const narrow = less[kind];
    assert.notEqual(narrow, true, kind);
    for (const entry of entries(narrow, "*")) assert.ok(wide.includes(entry), `${kind} ${entry}`);
  }
}
