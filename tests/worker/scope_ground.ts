/** What tests of policies have in common: a scope's ground, tasks, and how a run of one looks. */
import { BUILTIN_POLICY } from "../../lib/worker/builtin_policy.ts";
import type { ScopeGround } from "../../lib/worker/effective_permissions.ts";
import { ownGround } from "../../lib/worker/own_ground.ts";
import type { Policy } from "../../lib/schema/policy.ts";
import type { TaskSpec } from "../../lib/schema/dag_spec.ts";
import { parseSpecDocument } from "../../lib/schema/parse_spec.ts";

export const DATA_DIR = "/srv/node/.cis";
export const WORKSPACE = `${DATA_DIR}/workspaces/project-abc`;
export const PORT = 6767;

/** A scope under the built-in policy but for what is given. */
export function groundWith(rules: Partial<Policy> = {}, workspace = WORKSPACE): ScopeGround {
  return {
    policy: { ...BUILTIN_POLICY, ...rules },
    workspace,
    ground: ownGround({
      addresses: [{ host: "127.0.0.1", port: PORT }],
      dataDirs: [DATA_DIR],
      workspaces: ["/srv/other", "/srv/abc/inner"],
    }, workspace),
  };
}

/** A task in canonical form. */
export function taskOf(fields: Record<string, unknown>): TaskSpec {
  const parsed = parseSpecDocument({ dag_id: "proj-abc-x", tasks: [{ id: "t", ...fields }] });
  const task = parsed.ok ? parsed.spec.tasks[0] : undefined;
  if (task === undefined) throw new Error(`the test's task is wrong: ${JSON.stringify(parsed)}`);
  return task;
}
