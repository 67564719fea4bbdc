import assert from "node:assert/strict";
import type { PolicyFile } from "../../lib/schema/policy.ts";
import type { Scope } from "../../lib/schema/scope.ts";
import type { MachineWalls } from "../../lib/worker/walls.ts";
import { ScopePolicies } from "../../lib/worker/scope_policies.ts";
import { makeSpec } from "../scheduler/make_spec.ts";

const WALLS: MachineWalls = { bubblewrap: "/usr/bin/bwrap", reason: null };
const NO_WALLS: MachineWalls = { bubblewrap: null, reason: "gone" };
const GLOBAL: Scope = { type: "global" };

function policies(file: PolicyFile, walls = WALLS, port = 6767): ScopePolicies {
  return new ScopePolicies({
    file,
    walls: () => walls,
    workspaceOf: () => "/srv/ws",
    groundSettings: () => ({
      addresses: [{ host: "127.0.0.1", port }],
      dataDirs: ["/srv/.cis"],
      workspaces: [],
    }),
  });
}

const SPEC = makeSpec({
  sh: { command: "true", timeout: "10h" },
  get: { type: "http", request: { url: "https://example.org" } },
});
const [SHELL, GET] = SPEC.tasks;

Deno.test("walls that were shown at the publish are part of what was published", () => {
  const published = policies({}).ceiling(GLOBAL);
  assert.equal(published.isolation, "required");
  assert.ok(SHELL !== undefined);
  const kept = policies({}).forTask(SPEC, SHELL, published);
  assert.ok("walls" in kept && kept.walls === "bubblewrap");
  const refused = policies({}, NO_WALLS).forTask(SPEC, SHELL, published);
  assert.match("refusal" in refused ? refused.refusal : "", /walled in only.*gone/);
  // Where there were none, the person who decided has been told so.
  const open = policies({}, NO_WALLS).ceiling(GLOBAL);
  assert.equal(open.isolation, "auto");
  assert.ok("walls" in policies({}, NO_WALLS).forTask(SPEC, SHELL, open));
});

Deno.test("a version gets what held at its publish and still holds", () => {
  assert.ok(GET !== undefined && SHELL !== undefined);
  const wide = policies({ defaults: { net: true, task_timeout: "1h" } });
  const narrow = policies({ defaults: { net: ["other.org"], task_timeout: "2h" } });
  for (const [then, now] of [[wide, narrow], [narrow, wide]] as const) {
    assert.ok("refusal" in now.forTask(SPEC, GET, then.ceiling(GLOBAL)));
    const shell = now.forTask(SPEC, SHELL, then.ceiling(GLOBAL));
    assert.equal("maxTimeoutMs" in shell && shell.maxTimeoutMs, 3_600_000);
  }
  assert.ok("permissions" in wide.forTask(SPEC, GET, wide.ceiling(GLOBAL)));
});

Deno.test("for a version of which no policy is known, the one in force alone decides", () => {
  assert.ok(GET !== undefined);
  assert.ok("permissions" in policies({}).forTask(SPEC, GET, null));
  assert.ok("refusal" in policies({ defaults: { net: false } }).forTask(SPEC, GET, null));
});

Deno.test("what was worked out under other rules is not used any more", () => {
  assert.ok(GET !== undefined);
  const now = policies({});
  const published = now.ceiling(GLOBAL);
  assert.ok("permissions" in now.forTask(SPEC, GET, published));
  assert.deepEqual(now.replace({ defaults: { net: false } }, [GLOBAL]), [GLOBAL]);
  assert.ok("refusal" in now.forTask(SPEC, GET, published));
  assert.deepEqual(now.replace({ defaults: { net: false, isolation: "none" } }, [GLOBAL]), []);
});

Deno.test("the node's address counts as soon as it is known", () => {
  let port = 0;
  const late = new ScopePolicies({
    file: {},
    walls: () => WALLS,
    workspaceOf: () => "/srv/ws",
    groundSettings: () => ({
      addresses: [{ host: "127.0.0.1", port }],
      dataDirs: [],
      workspaces: [],
    }),
  });
  const spec = makeSpec({ own: { type: "http", request: { url: "http://localhost:8123" } } });
  const [own] = spec.tasks;
  assert.ok(own !== undefined);
  const published = late.ceiling(GLOBAL);
  assert.ok("permissions" in late.forTask(spec, own, published));
  port = 8123;
  assert.ok("refusal" in late.forTask(spec, own, published));
});
