import assert from "node:assert/strict";
import { PolicyFile } from "../../lib/schema/policy.ts";
import { BUILTIN_POLICY } from "../../lib/worker/builtin_policy.ts";
import { meetPolicies } from "../../lib/worker/meet_policies.ts";
import { resolvePolicy } from "../../lib/worker/resolve_policy.ts";
import { Policy } from "../../lib/schema/policy.ts";

const project = { type: "project", project_id: "abc", reuse_worker: true } as const;

Deno.test("without settings a scope has the built-in policy, which is a policy", () => {
  assert.deepEqual(resolvePolicy({}, project), BUILTIN_POLICY);
  assert.deepEqual(Policy.parse(BUILTIN_POLICY), BUILTIN_POLICY);
});

Deno.test("the more exact rule wins, rule by rule", () => {
  const file = PolicyFile.parse({
    defaults: { net: ["a.org"], memory: "2GiB", task_timeout: "1h", pids: 10 },
    scope_types: { project: { net: ["b.org"], memory: "3GiB", task_timeout: 60 } },
    scopes: { "project:abc": { net: false, memory: "4096MiB" }, "project:other": { pids: 99 } },
  });
  const { net, memory, task_timeout, pids, read } = resolvePolicy(file, project);
  assert.deepEqual([net, memory, task_timeout, pids], [false, "4GiB", "1m", 10]);
  assert.deepEqual(read, BUILTIN_POLICY.read);
  const user = resolvePolicy(file, { type: "user", user_id: "abc" });
  assert.deepEqual([user.net, user.memory, user.task_timeout], [["a.org"], "2GiB", "1h"]);
});

Deno.test("two policies meet at the smaller of each limit and the stricter of each rule", () => {
  const one: Policy = {
    ...BUILTIN_POLICY,
    net: ["*.example.org:443", "one.org"],
    memory: "1GiB",
    cpu: null,
    pids: 10,
    disk: "2GiB",
    max_concurrent_tasks: 2,
    task_timeout: "90m",
    max_output: "1MiB",
    isolation: "auto",
    secrets: ["A", "B"],
    task_types: ["shell", "deno"],
    deny: { net: ["a.org"], run: true },
  };
  const other: Policy = {
    ...one,
    net: ["www.example.org", "other.org"],
    memory: "900MiB",
    cpu: 2,
    pids: 20,
    disk: "1GiB",
    max_concurrent_tasks: 4,
    task_timeout: "2h",
    max_output: "2MiB",
    isolation: "required",
    secrets: ["B", "C"],
    task_types: ["deno", "http"],
    deny: { net: ["b.org"], run: ["x"] },
  };
  for (const met of [meetPolicies(one, other), meetPolicies(other, one)]) {
    assert.deepEqual(
      [met.memory, met.cpu, met.task_timeout, met.max_output],
      ["900MiB", 2, "90m", "1MiB"],
    );
    assert.deepEqual(met.net, ["www.example.org:443"], "neither includes the other");
    assert.deepEqual([met.pids, met.disk, met.max_concurrent_tasks], [10, "1GiB", 2]);
    assert.equal(meetPolicies({ ...met, cpu: 3 }, met).cpu, 2);
    assert.deepEqual([met.isolation, met.secrets, met.task_types], ["required", ["B"], ["deno"]]);
    assert.deepEqual([met.deny.net?.toString().split(",").sort(), met.deny.run], [
      ["a.org", "b.org"],
      true,
    ]);
  }
});
