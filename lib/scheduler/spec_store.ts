/** Published versions of DAGs: rows of `dag_specs`. Deciding is `decide.ts`'s, not this file's. */
import type { Database, Tx } from "../db/database.ts";
import type { VersionView, WarningView } from "../schema/api.ts";
import type { DagSpec } from "../schema/dag_spec.ts";
import type { Policy } from "../schema/policy.ts";
import { ISSUED_PREFIX } from "../schema/issued_task.ts";
import type { Priority } from "../schema/priority.ts";
import {
  fromDbFields,
  type Scope,
  type ScopeDbFields,
  toDbFields,
  workerId,
} from "../schema/scope.ts";
import type { VersionState } from "../schema/states.ts";
import { isoTime } from "./iso_time.ts";

/** A version as stored. */
export interface SpecRow {
  readonly dag_id: string;
  readonly version: number;
  readonly spec_hash: string;
  readonly spec_json: string;
  readonly scope_source: string;
  readonly warnings: string;
  readonly description: string | null;
  readonly priority: Priority;
  readonly target_node: string | null;
  readonly tasks_count: number;
  readonly status: VersionState;
  readonly published_by: string;
  readonly published_by_name: string;
  readonly published_at: number;
  readonly expires_at: number;
  readonly decided_by: string | null;
  readonly decided_by_name: string | null;
  readonly decided_at: number | null;
  readonly reason: string | null;
  readonly run_id: string | null;
  /** The policy that it was published under; null for versions older than that is kept. */
  readonly policy_json: string | null;
}

/** What is needed to store a new version. */
export interface NewSpec {
  readonly spec: DagSpec;
  readonly specHash: string;
  readonly scopeSource: string;
  readonly warnings: readonly WarningView[];
  readonly version: number;
  readonly publishedBy: string;
  readonly expiresAt: number;
  /** What its tasks may touch at most, whatever is granted later. */
  readonly policy: Policy | null;
}

const SELECT = `SELECT s.*, p.name AS published_by_name, d.name AS decided_by_name
  FROM dag_specs s JOIN tokens p ON p.token_id = s.published_by
  LEFT JOIN tokens d ON d.token_id = s.decided_by`;

/** How many parsed specs are kept at hand; a confirm follows its publish closely. */
const CACHE_SIZE = 64;

/** How many rows of a scope there are. */
export interface ScopeCount {
  readonly scope_type: string;
  readonly scope_id: string | null;
  readonly count: number;
}

export class SpecStore {
  readonly #db: Database;
  readonly #parsed = new Map<string, DagSpec>();
  readonly #policies = new Map<string, Policy | null>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores a new version that waits for confirmation. */
  save(tx: Tx, { spec, ...meta }: NewSpec): void {
    const { scope_type, scope_id } = toDbFields(spec.scope);
    this.#db.run(
      `INSERT INTO dag_specs (dag_id, version, spec_hash, scope_type, scope_id, target_node,
        priority, spec_json, scope_source, description, warnings, tasks_count, status,
        published_by, published_at, expires_at, policy_json)
       VALUES (?,?,?,?,?,?,?,?,?,?,?,?,'waiting_confirmation',?,?,?,?)`,
      spec.dag_id,
      meta.version,
      meta.specHash,
      scope_type,
      scope_id,
      spec.target_node ?? null,
      spec.priority,
      JSON.stringify(spec),
      meta.scopeSource,
      spec.description ?? null,
      JSON.stringify(meta.warnings),
      spec.tasks.length,
      meta.publishedBy,
      tx.now,
      meta.expiresAt,
      meta.policy === null ? null : JSON.stringify(meta.policy),
    );
    this.#remember(spec, meta.version);
    tx.onRollback(() => this.#forget(spec.dag_id, meta.version));
  }

  /** One version, or the newest. */
  load(dagId: string, version?: number): SpecRow | undefined {
    return version === undefined
      ? this.#db.get<SpecRow>(
        `${SELECT} WHERE s.dag_id = ? ORDER BY s.version DESC LIMIT 1`,
        dagId,
      )
      : this.#db.get<SpecRow>(`${SELECT} WHERE s.dag_id = ? AND s.version = ?`, dagId, version);
  }

  /** The version that waits, expired or not. */
  waiting(dagId: string): SpecRow | undefined {
    return this.#db.get<SpecRow>(
      `${SELECT} WHERE s.dag_id = ? AND s.status = 'waiting_confirmation'`,
      dagId,
    );
  }

  /** The version in force: the newest that was confirmed. */
  inForce(dagId: string): SpecRow | undefined {
    return this.#db.get<SpecRow>(
      `${SELECT} WHERE s.dag_id = ? AND s.status = 'confirmed' ORDER BY s.version DESC LIMIT 1`,
      dagId,
    );
  }

  /** The newest version with this content. */
  newestWithHash(dagId: string, specHash: string): SpecRow | undefined {
    return this.#db.get<SpecRow>(
      `${SELECT} WHERE s.dag_id = ? AND s.spec_hash = ?
       ORDER BY s.version DESC LIMIT 1`,
      dagId,
      specHash,
    );
  }

  /** Every version that waits and hasn't expired, oldest first. */
  allWaiting(now: number): SpecRow[] {
    return this.#db.all<SpecRow>(
      `${SELECT} WHERE s.status = 'waiting_confirmation' AND s.expires_at > ?
       ORDER BY s.published_at, s.dag_id`,
      now,
    );
  }

  /** How many versions wait and haven't expired, by scope. */
  countWaiting(now: number): ScopeCount[] {
    return this.#db.all<ScopeCount>(
      `SELECT scope_type, scope_id, count(*) AS count FROM dag_specs
       WHERE status = 'waiting_confirmation' AND expires_at > ? GROUP BY scope_type, scope_id`,
      now,
    );
  }

  /** The newest version of each DAG, by dag_id, from behind `after`; or of issued tasks only. */
  newestOfEach(after: string, limit: number, { issued = false } = {}): SpecRow[] {
    const only = issued
      ? `AND s.tasks_count = 1 AND substr(s.dag_id, 1, ${ISSUED_PREFIX.length}) = '${ISSUED_PREFIX}'`
      : "";
    return this.#db.all<SpecRow>(
      `${SELECT} WHERE s.dag_id > ? ${only} AND s.version =
         (SELECT max(version) FROM dag_specs o WHERE o.dag_id = s.dag_id)
       ORDER BY s.dag_id LIMIT ?`,
      after,
      limit,
    );
  }

  /** The versions of a DAG below `before`, newest first. */
  versions(dagId: string, options: { before: number; limit: number }): SpecRow[] {
    return this.#db.all<SpecRow>(
      `${SELECT} WHERE s.dag_id = ? AND s.version < ? ORDER BY s.version DESC LIMIT ?`,
      dagId,
      options.before,
      options.limit,
    );
  }

  /** Removes a version that never ran. @returns whether there was one */
  delete(dagId: string, version: number): boolean {
    this.#forget(dagId, version);
    return this.#db.run(
      "DELETE FROM dag_specs WHERE dag_id = ? AND version = ? AND run_id IS NULL",
      dagId,
      version,
    ) > 0;
  }

  /** The spec of a stored version. It was parsed before it was stored, so it isn't again. */
  specOf(row: Pick<SpecRow, "dag_id" | "version" | "spec_json">): DagSpec {
    const known = this.#parsed.get(`${row.dag_id}@${row.version}`);
    if (known !== undefined) return known;
    const spec = JSON.parse(row.spec_json) as DagSpec;
    this.#remember(spec, row.version);
    return spec;
  }

  /** The policy that a version was published under; null where that wasn't kept. */
  policyOf(dagId: string, version: number): Policy | null {
    const key = `${dagId}@${version}`;
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const row = this.#db.get<Pick<SpecRow, "policy_json">>(
      "SELECT policy_json FROM dag_specs WHERE dag_id = ? AND version = ?",
      dagId,
      version,
    );
    const text = row?.policy_json ?? null;
    // Held against the schema when it was written.
    const policy = text === null ? null : JSON.parse(text) as Policy;
    keep(this.#policies, key, policy);
    return policy;
  }

  /** Every scope that a DAG was published for. */
  scopes(): Scope[] {
    const rows = this.#db.all<ScopeDbFields>(
      "SELECT DISTINCT scope_type, scope_id FROM dag_specs ORDER BY scope_type, scope_id",
    );
    return rows.map((row) => fromDbFields(row));
  }

  #remember(spec: DagSpec, version: number): void {
    keep(this.#parsed, `${spec.dag_id}@${version}`, spec);
  }

  #forget(dagId: string, version: number): void {
    this.#parsed.delete(`${dagId}@${version}`);
    this.#policies.delete(`${dagId}@${version}`);
  }
}

/** Adds to a cache, and lets the oldest go where it is full. */
function keep<T>(cache: Map<string, T>, key: string, value: T): void {
  cache.set(key, value);
  if (cache.size <= CACHE_SIZE) return;
  const oldest = cache.keys().next().value;
  if (oldest !== undefined) cache.delete(oldest);
}

/** A version as the API shows it. */
export function versionView(row: SpecRow, spec: DagSpec): VersionView {
  return {
    dag_id: row.dag_id,
    version: row.version,
    spec_hash: row.spec_hash,
    status: row.status,
    scope: spec.scope,
    scope_source: row.scope_source,
    worker_id: workerId(spec.scope),
    priority: row.priority,
    target_node: row.target_node,
    description: row.description,
    tasks_count: row.tasks_count,
    published_by: row.published_by_name,
    published_at: isoTime(row.published_at),
    expires_at: isoTime(row.expires_at),
    decided_by: row.decided_by_name,
    decided_at: isoTime(row.decided_at),
    reason: row.reason,
    run_id: row.run_id,
  };
}
