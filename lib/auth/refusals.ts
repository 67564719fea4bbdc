/**
 * What was refused: each request is counted by its code, and who was refused a decision gets a row
 * in the audit log. Rows are bounded, whatever a client does: the same refusal once an hour, and
 * for one token {@linkcode BURST} at once, then one a minute.
 * @module
 */
import type { Database } from "../db/database.ts";
import type { ErrorCode } from "../errors.ts";
import { withoutSecrets } from "../schema/redact.ts";
import type { AuditLog } from "./audit_log.ts";

/** A decision that somebody known was refused. */
export interface Refusal {
  readonly tokenId: string;
  readonly action: string;
  /** As it stood in the address: text from outside. */
  readonly target?: string;
  readonly code: ErrorCode;
  readonly requestId: string;
}

/** So many rows a token can cause without a pause. */
const BURST = 60;
const ONE_MORE_MS = 60_000;
const SAME_AGAIN_MS = 60 * 60 * 1000;
/** Ids have at most 128 characters; what is longer names nothing. */
const MAX_TARGET = 200;

/** Requests that say nothing that could be decided on, that came too early or under a used key. */
const NO_DECISIONS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "invalid_json",
  "invalid_request",
  "invalid_spec",
  "body_too_large",
  "unsupported_media_type",
  "idempotency_conflict",
  "not_ready",
  "internal_error",
]);

/** What one token may still cause. */
interface Allowance {
  rows: number;
  since: number;
  /** Refusals since the last row that got none. */
  unwritten: number;
  /** When each refusal was last written. */
  readonly written: Map<string, number>;
}

export class Refusals {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #counts = new Map<ErrorCode, number>();
  readonly #allowances = new Map<string, Allowance>();

  constructor(db: Database, audit: AuditLog) {
    this.#db = db;
    this.#audit = audit;
  }

  /** Counts a request that was answered with an error. */
  count(code: ErrorCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  /** How many requests were answered with each code since the node started. */
  counts(): [code: ErrorCode, count: number][] {
    return [...this.#counts].sort(([one], [other]) => one < other ? -1 : 1);
  }

  /** Writes the row of a refusal, if it gets one. Settles when it is stored. */
  async note(refusal: Refusal): Promise<void> {
    const { tokenId, action, code, requestId } = refusal;
    if (NO_DECISIONS.has(code)) return;
    const target = refusal.target === undefined
      ? undefined
      : withoutSecrets(refusal.target).slice(0, MAX_TARGET);
    const unwritten = this.#admit(tokenId, JSON.stringify([action, target, code]));
    if (unwritten === undefined) return;
    const detail = unwritten === 0 ? {} : { refusals_without_a_row: unwritten };
    const entry = { tokenId, action, outcome: code, detail, requestId };
    await this.#db.write(
      (tx) => this.#audit.append(tx, target === undefined ? entry : { ...entry, target }),
      { canWait: true },
    );
  }

  /** @returns how many refusals before this one got no row; undefined where it gets none either */
  #admit(tokenId: string, refusal: string): number | undefined {
    const now = this.#db.now();
    const allowance = this.#allowanceOf(tokenId, now);
    const { written } = allowance;
    for (const [known, at] of written) if (now - at >= SAME_AGAIN_MS) written.delete(known);
    if (written.has(refusal) || allowance.rows < 1) {
      allowance.unwritten += 1;
      return undefined;
    }
    const { unwritten } = allowance;
    allowance.rows -= 1;
    allowance.unwritten = 0;
    written.set(refusal, now);
    return unwritten;
  }

  #allowanceOf(tokenId: string, now: number): Allowance {
    let allowance = this.#allowances.get(tokenId);
    if (allowance === undefined) {
      allowance = { rows: BURST, since: now, unwritten: 0, written: new Map() };
      this.#allowances.set(tokenId, allowance);
    }
    const more = Math.max(0, Math.floor((now - allowance.since) / ONE_MORE_MS));
    allowance.rows = Math.min(BURST, allowance.rows + more);
    allowance.since += more * ONE_MORE_MS;
    return allowance;
  }
}
