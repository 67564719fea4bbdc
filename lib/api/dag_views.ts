/** Versions of DAGs as the API shows them, with what their tasks may touch. */
import type { Node } from "../node.ts";
import { isoTime } from "../scheduler/iso_time.ts";
import { type SpecRow, versionView } from "../scheduler/spec_store.ts";
import type { ParsedSpec } from "../scheduler/parsed_spec.ts";
import type { DagView, PendingView, PermissionsView, PublishAnswer } from "../schema/api.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { Policy } from "../schema/policy.ts";
import { roomId, workerId } from "../schema/scope.ts";
import { describePermissions } from "../worker/describe_permissions.ts";
import { scheduleView } from "./schedule_views.ts";

/**
 * What the tasks of a spec may touch on this node.
 * @param published the policy that it was published under; null: it is published now, or isn't known
 */
export function permissionsOf(
  { policies }: Node,
  spec: DagSpec,
  published: Policy | null,
): PermissionsView {
  return describePermissions(spec, policies.groundFor(spec.scope, published), policies.walls);
}

/** The address under which people open the node. */
export function baseUrl(node: Node): string {
  const { config, address } = node;
  if (config.public_url !== undefined) return config.public_url.replace(/\/$/, "");
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `http://${host === "0.0.0.0" || host === "[::]" ? "127.0.0.1" : host}:${address.port}`;
}

/** The answer to a publish. */
export function publishAnswer(node: Node, row: SpecRow): PublishAnswer {
  const spec = node.specs.specOf(row);
  return {
    ...answerFor(node, spec, node.specs.policyOf(row.dag_id, row.version)),
    schedule: scheduleView(node, spec, row.version),
    version: row.version,
    spec_hash: row.spec_hash,
    status: row.status,
    expire_sec: Math.max(0, Math.ceil((row.expires_at - node.db.now()) / 1000)),
    expires_at: isoTime(row.expires_at),
    scope_source: row.scope_source,
    warnings: JSON.parse(row.warnings) as PublishAnswer["warnings"],
  };
}

/** The answer to a validate: what a publish would say, with nothing stored. */
export function validateAnswer(node: Node, parsed: ParsedSpec): PublishAnswer {
  return {
    ...answerFor(node, parsed.spec, null),
    schedule: scheduleView(node, parsed.spec),
    version: (node.specs.load(parsed.spec.dag_id)?.version ?? 0) + 1,
    spec_hash: parsed.spec_hash,
    status: "waiting_confirmation",
    expire_sec: node.config.confirm_expire_sec,
    expires_at: null,
    scope_source: parsed.scope_source,
    warnings: [...parsed.warnings],
  };
}

type Common = "dag_id" | "confirm_url" | "dashboard_url" | "scope" | "worker_id" | "room_id";

function answerFor(
  node: Node,
  spec: DagSpec,
  published: Policy | null,
): Pick<PublishAnswer, Common | "tasks_count" | "permissions"> {
  const worker_id = workerId(spec.scope);
  return {
    dag_id: spec.dag_id,
    confirm_url: `${baseUrl(node)}/api/v1/dag/${spec.dag_id}/confirm`,
    dashboard_url: `${baseUrl(node)}/pending#${spec.dag_id}`,
    scope: spec.scope,
    worker_id,
    room_id: roomId(worker_id, node.config.node_id),
    tasks_count: spec.tasks.length,
    permissions: permissionsOf(node, spec, published),
  };
}

/** One version with its spec. */
export function dagView(node: Node, row: SpecRow): DagView {
  const spec = node.specs.specOf(row);
  return {
    ...versionView(row, spec),
    spec,
    confirmed_version: node.specs.inForce(row.dag_id)?.version ?? null,
    schedule: scheduleView(node, spec, row.version),
    permissions: permissionsOf(node, spec, node.specs.policyOf(row.dag_id, row.version)),
    warnings: JSON.parse(row.warnings) as DagView["warnings"],
  };
}

/** A version that waits. */
export function pendingView(node: Node, row: SpecRow): PendingView {
  const left = Math.max(0, row.expires_at - node.db.now());
  return { ...dagView(node, row), expires_in_sec: Math.ceil(left / 1000) };
}
